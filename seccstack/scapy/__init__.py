"""Layers for scapy: V2GTP, SDP, EXI messages, and the management messages that scapy lacks.

    import seccstack.scapy
    packets = rdpcap("charge.pcapng")

One import registers them all, beside those that scapy has itself for HomePlug. scapy comes with
the extra `capture`.
"""

from seccstack.scapy import mme, v2g

mme.register()
v2g.register()
