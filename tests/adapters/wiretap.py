"""A tap that keeps what it hears."""


class Wiretap:
    def __init__(self):
        self.heard, self.ends, self.served = [], {}, []

    def network(self, address, mac):
        self.served.append((address, mac))

    def opened(self, stream, ends):
        self.ends[stream] = ends

    def octets(self, stream, sender, octets):
        self.heard.append((stream, sender, octets))

    def closed(self, stream, sender, *, reset):
        self.heard.append((stream, sender, "RST" if reset else "FIN"))

    def secrets(self, lines):
        self.heard.append(lines)
