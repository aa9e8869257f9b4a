# 72. Talks to services of this machine by their sockets
# expect: graded
# kept by: strict, portable
# why: no call that makes sockets is on the list
import socket
for address in ("/var/run/docker.sock", "\0abstract", "/run/dbus/system_bus_socket"):
    try:
        with socket.socket(socket.AF_UNIX) as one:
            print("BREACH", address, one)
    except PermissionError as error:
        print("refused:", error)
try:
    print("BREACH", socket.socketpair())
except PermissionError as error:
    print("refused:", error)
