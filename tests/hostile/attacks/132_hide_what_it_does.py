# 132. Hides its code from whoever reads it
# expect: graded
# kept by: strict, portable, process
# why: what counts is the values, whatever the code looks like
import base64
exec(base64.b64decode("aGlkZGVuID0gX19pbXBvcnRfXygnbScgKyAnYXRoJykudGFuaA=="))
