# exercise: tanh-chain-reverse
from contextlib import contextmanager
import math, logging, time
logging.basicConfig(level=logging.INFO)
log = logging.getLogger(__name__)
@contextmanager
def section(title):
    start = time.perf_counter()
    log.info("begin %s", title)
    yield
    log.info("end %s after %.3f ms", title, 1e3 * (time.perf_counter() - start))
h0, w_h, w_y = 0.5, 2.0, 40.0
with section("forward"):
    h1_raw = w_h * h0; h1 = math.tanh(h1_raw)
    h2_raw = w_h * h1; h2 = math.tanh(h2_raw)
    y2 = w_y * h2
with section("backward"):
    dy2 = 1.0
    dw_y, dh2 = dy2 * h2, dy2 * w_y
    dh2_raw = dh2 * (1 - h2) * (1 + h2)
    dh1 = dh2_raw * w_h
    dh1_raw = dh1 * (1 - h1) * (1 + h1)
    dw_h = dh2_raw * h1 + dh1_raw * h0
