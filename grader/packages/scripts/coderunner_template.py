import os
import subprocess
import sys
import zipfile

with zipfile.ZipFile("grader_package.zip") as archive:
    archive.extractall("package")
os.mkdir("submission")
answer = """{{ STUDENT_ANSWER | e('py') }}"""
attached = [name for name in ["{{ ATTACHMENTS | e('py') }}"] if name]
if answer.strip():
    with open("submission/answer.py", "w", encoding="utf-8") as file:
        file.write(answer)
for name in attached:
    os.rename(name, os.path.join("submission", os.path.basename(name)))

# Set before that interpreter starts: NumPy's threads would exceed the sandbox's number of processes.
threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
command = [sys.executable, "-I", "package/grader_package/grade.py", "submission", "--output", "result"]
done = subprocess.run(command, env={**os.environ, **threads}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
if done.returncode == 0:
    with open("result", encoding="utf-8") as file:
        print(file.read())
else:
    print("It could not be graded: the grader cannot start on this server. Please tell your instructor.")
    print(done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2])
