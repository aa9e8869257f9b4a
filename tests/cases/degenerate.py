"""Wrong formulae that give the right number at the exercise's own numbers, h0 = 0.5, w_h = 2, w_y = 40.

There h1_raw = w_h*h0 = 1, w_h = 1/h0 = 4*h0, w_y = 20*w_h = 80*h0 = 10*w_h**2: a factor, a power or a whole
quantity can be left out or put in without the number noticing. Each entry is a step and what was written for it.
"""

from __future__ import annotations

FORMULAE: tuple[tuple[str, str], ...] = (
    ("dh1raw_dwh", "h0 * h1_raw"),
    ("dh1raw_dwh", "1 / w_h"),
    ("dh1raw_dwh", "h0**2 * w_h"),
    ("dh1raw_dwh", "w_h / 4"),
    ("dh1raw_dwh", "h1_raw - h0"),
    ("dh1_dwh", "(1 - h1**2) * h1_raw * dh1raw_dwh"),
    ("dh1_dwh", "(1 - h1**2) / w_h"),
    ("dh1_dwh", "(h1_raw - h1**2) * dh1raw_dwh"),
    ("dh1_dwh", "(h1_raw**2 - h1**2) * h0"),
    ("dh1_dwh", "(1 - h1**2) * h0 * w_h * dh1raw_dwh"),
    ("dh2raw_dwh", "h1 + 2 * dh1_dwh"),
    ("dh2raw_dwh", "h1 * h1_raw + w_h * dh1_dwh"),
    ("dh2raw_dwh", "h1 + dh1_dwh / h0"),
    ("dh2raw_dwh", "w_h * h0 * h1 + w_h * dh1_dwh"),
    ("dh2_dwh", "(1 - h2**2) * dh2raw_dwh * h1_raw"),
    ("dh2_dwh", "(h1_raw - h2**2) * dh2raw_dwh"),
    ("dy2_dwh", "20 * w_h * dh2_dwh"),
    ("dy2_dwh", "40 * dh2_dwh"),
    ("dy2_dwh", "w_y * h1_raw * dh2_dwh"),
    ("dy2_dwy", "h2 * h1_raw"),
    ("dw_y", "h2 * dy2 * h0 * w_h"),
    ("dh2", "20 * w_h * dy2"),
    ("dh2", "10 * w_h**2 * dy2"),
    ("dh2", "w_y * h1_raw * dy2"),
    ("dh2", "80 * h0 * dy2"),
    ("dh2_raw", "(1 - h2**2) * dh2 * h1_raw"),
    ("dh2_raw", "(h1_raw - h2**2) * dh2"),
    ("dh1", "2 * dh2_raw"),
    ("dh1", "dh2_raw / h0"),
    ("dh1", "4 * h0 * dh2_raw"),
    ("dh1", "w_h**2 * h0 * dh2_raw"),
    ("dh1", "(1 + h1_raw) * dh2_raw"),
    ("dh1_raw", "(1 - h1**2) * h1_raw * dh1"),
    ("dh1_raw", "(h1_raw - h1**2) * dh1"),
    ("dh1_raw", "(1 - h1**2) * h1_raw**2 * dh1"),
    ("dw_h", "h1 * dh2_raw + dh1_raw / w_h"),
    ("dw_h", "h1 * dh2_raw + 0.5 * dh1_raw"),
    ("dw_h", "h1 * h1_raw * dh2_raw + h0 * dh1_raw"),
    ("dw_h", "h1 * dh2_raw + h0**2 * w_h * dh1_raw"),
)
