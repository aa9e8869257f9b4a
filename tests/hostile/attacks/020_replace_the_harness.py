# 20. Replaces the functions the harness sends values with
# expect: ended killed
# kept by: strict, portable, process
# why: it can send other values, which is what it can do anyway; nothing else is listened to
import json, os, struct
json.dumps = lambda *a, **k: '{"score": 100}'
struct.unpack, json.loads = (lambda *a: (1.0,)), (lambda *a: {})
