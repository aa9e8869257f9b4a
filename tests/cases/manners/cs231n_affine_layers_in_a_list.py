# exercise: cs231n-affine
import numpy as np
from abc import ABC, abstractmethod
class Layer(ABC):
    @abstractmethod
    def forward(self, x): ...
    @abstractmethod
    def backward(self, dout): ...
class Flatten(Layer):
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)
    def backward(self, dout):
        return dout.reshape(self.shape)
class Dense(Layer):
    def __init__(self, w, b):
        self.w, self.b = w, b
    def forward(self, x):
        self.x = x
        return x.dot(self.w) + self.b
    def backward(self, dout):
        self.dw = self.x.T.dot(dout)
        self.db = np.ones(len(dout)) @ dout
        return dout.dot(self.w.T)
def affine_forward(x, w, b):
    layers = [Flatten(), Dense(w, b)]
    out = x
    for layer in layers:
        out = layer.forward(out)
    return out, layers
def affine_backward(dout, cache):
    for layer in reversed(cache):
        dout = layer.backward(dout)
    return dout, cache[1].dw, cache[1].db
