# 20. Replaces the functions the harness sends values with
# expect: graded
# kept by: strict, portable, process
# why: our process has its functions by name, not by what stands in the modules when they are called
import json, os, struct
json.dumps = lambda *a, **k: '{"score": 100}'
struct.unpack, json.loads = (lambda *a: (1.0,)), (lambda *a: {})
