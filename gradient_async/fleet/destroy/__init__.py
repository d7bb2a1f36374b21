"""Destroys Droplets and proves that they are gone.

``removal`` decides, ``engine`` and ``proof`` act, ``outcomes`` and ``report`` are the result.
"""
