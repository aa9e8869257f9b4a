# 64. Poisons what it shares with the process it was forked from
# expect: ended killed
# kept by: strict, portable, process
# why: it has a copy; the next one is forked from the original
import builtins, json, math, sys
builtins.float = builtins.sum = math.exp = lambda *a: 0
sys.modules["math"].tau = 0.0
sys.modules["poisoned"] = json
sys.path[:] = ["/tmp"]
