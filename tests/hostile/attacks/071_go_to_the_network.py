# 71. Goes to the network: another machine, the metadata of the cloud, services of this one
# expect: graded
# kept by: strict, portable
# why: no call that makes sockets is on the list
import socket
for address in (("169.254.169.254", 80), ("127.0.0.1", 22), ("::1", 22), ("192.0.2.1", 53)):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, kind) as one:
                one.settimeout(0.1)
                one.connect(address)
            print("BREACH", address)
        except PermissionError as error:
            print("refused:", error)
        except OSError as error:
            print("BREACH", address, error)
