"""moirelib: the code behind an executable companion to two papers on valley physics.

Energies are in meV, lengths in nm, wavevectors in 1/nm, conductivities in e²/h.
"""

from __future__ import annotations

from moirelib.ledger import verify

__version__ = "0.1.0"

__all__ = ["__version__", "verify"]
