# 57. Takes the graphics processor
# expect: graded
# kept by: strict, portable, process
# why: none is shown to it
import glob, os
if os.environ.get("CUDA_VISIBLE_DEVICES") != "" or [one for one in glob.glob("/dev/nvidia*") if os.access(one, os.R_OK)]:
    print("BREACH")
