from tests.service.lti.fixtures import _one_key, both

__all__ = ["_one_key", "both"]
