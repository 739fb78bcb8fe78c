"""What every indicator owes; subclass `IndicatorContract` per implementation."""

from seccstack.auth.enrolment_events import BeepPattern
from seccstack.indication import Standing, light_of

STANDBY, CHARGING = light_of(Standing()), light_of(Standing(charging=True))
MUTE, ERROR = light_of(Standing(mute=True)), light_of(Standing(broken=True))


class IndicatorContract:
    """The first methods are the implementation's; real hardware needs an eye and an ear."""

    def new_indicator(self):
        """Make one."""
        raise NotImplementedError

    def wait_for(self, condition):
        """Wait until it is so; what is shown may take a moment."""
        assert condition()

    def shown(self):
        """Return the colours of the four segments that are seen, by their first letters."""
        raise NotImplementedError

    def test_each_light_is_seen_in_the_place_of_the_one_before(self):
        indicator = self.new_indicator()
        for light, seen in ((STANDBY, "bbbb"), (MUTE, "bbbr"), (ERROR, "rrrr")):
            indicator.show(light)
            self.wait_for(lambda seen=seen: self.shown() == seen)
        indicator.close()

    def test_what_moves_is_seen(self):
        indicator = self.new_indicator()
        indicator.show(CHARGING)
        self.wait_for(lambda: self.shown() == "bbbb")
        indicator.close()

    def test_a_charger_that_ends_leaves_no_light(self):
        indicator = self.new_indicator()
        indicator.show(ERROR)
        self.wait_for(lambda: self.shown() == "rrrr")
        indicator.close()
        self.wait_for(lambda: self.shown() == "----")

    def test_a_beep_keeps_nobody_and_breaks_nothing(self):
        indicator = self.new_indicator()
        for pattern in BeepPattern:
            indicator.beep(pattern)
        indicator.show(STANDBY)
        self.wait_for(lambda: self.shown() == "bbbb")
        indicator.close()

    def test_one_that_works_has_no_troubles(self):
        indicator = self.new_indicator()
        indicator.show(STANDBY)
        self.wait_for(lambda: self.shown() == "bbbb")
        assert tuple(indicator.troubles) == ()
        indicator.close()
