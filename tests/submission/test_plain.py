"""Whether a text only computes, and has nothing by which one run could be told from another."""

from __future__ import annotations

import pytest

from grader.submission.plain import is_plain

PLAIN = [
    "import math\nh = math.tanh(0.5)\ndh = 1 - h**2\nprint(dh)\n",
    "from math import tanh\nh = tanh(0.5)\n",
    "import numpy as np\nx = np.array([1.0, 2.0], dtype=np.float64)\nx[0] = 3\ndx = x.T @ x\n",
    "import torch\nimport torch.nn.functional as F\nw = torch.randn(3)\nF.relu(w).sum().backward()\nw.grad = None\n",
    "import random\nwords = open('names.txt', 'r').read().split()\nrandom.seed(42)\nrandom.shuffle(words)\n",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('loss')\n",
    "class C:\n    def __init__(self, w):\n        self._w = w\n    def step(self, x):\n        return self._w * x\n",
    "grads = {}\nfor t in reversed(range(3)):\n    grads[t] = max(t, 1)\n",
    "try:\n    assert 1 > 2\nexcept AssertionError as error:\n    raise ValueError from error\n",
]
OTHER = [
    "import sys\n",
    "import os, math\n",
    "import builtins\n",
    "from math import *\n",
    "import math\nmath.kept = {}\n",
    "import torch\ntorch.Tensor.kept = 1\n",
    "import torch\ntorch.sys.modules\n",
    "import torch\nrelu = torch.relu\nrelu.grad = 3\n",
    "import torch\nfor one in [torch.relu]:\n    one.grad = 3\n",
    "from torch import relu\nrelu.grad = 3\n",
    "import numpy as np\nstate = np.random.get_state()\n",
    "import torch\nstate = torch.get_rng_state()\n",
    "import random\nstate = random.getstate()\n",
    "open('/proc/self/stat')\n",
    "open('x', mode='w')\n",
    "name = 'x'\nopen(name)\n",
    "import matplotlib.pyplot as plt\nfigure = plt.gcf()\n",
    "import matplotlib.pyplot as plt\nplt.rcParams['font.size'] = 3.0\n",
    "import torch\ntorch.save(1, 'x')\n",
    "open('x', 'w')\n",
    "exec('1')\n",
    "print.__self__\n",
    "().__class__\n",
    "x = __grader__\n",
    "type('K', (), {})\n",
    "def f():\n    global x\n    x = 1\n",
]


@pytest.mark.parametrize("source", PLAIN)
def test_what_only_computes_is_plain(source: str) -> None:
    assert is_plain([source])


@pytest.mark.parametrize("source", OTHER)
def test_what_reaches_further_is_not(source: str) -> None:
    assert not is_plain([source])


def test_names_are_known_from_cell_to_cell() -> None:
    assert is_plain(["import numpy as np\nx = 1.0\n", "y = np.tanh(x)\n"])
    assert not is_plain(["import numpy as np\n", "np.kept = 1\n"])
