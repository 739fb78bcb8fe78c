"""What a recorded car picked from their lists, it picks from ours."""

from seccstack.drive.choices import Choices
from seccstack.messages import iso20_common
from seccstack.messages.iso20_types import Processing, ResponseCode
from tests.session.iso20.vehicle import ANY, power, profile, selection, stop


def detail(*modes, service=2):
    """A list of sets, each with its ControlMode and Connector."""
    return iso20_common.ServiceDetailRes(
        header=ANY,
        response_code=ResponseCode.OK,
        service_id=service,
        service_parameter_list=iso20_common.ServiceParameterList(
            parameter_set=tuple(
                iso20_common.ParameterSet(
                    parameter_set_id=number,
                    parameter=(
                        iso20_common.Parameter(name="ControlMode", int_value=control),
                        iso20_common.Parameter(name="Connector", int_value=connector),
                    ),
                )
                for number, (control, connector) in enumerate(modes, start=1)
            )
        ),
    )


def schedules(*numbers):
    """Schedules of these numbers; none: in dynamic mode."""
    empty = iso20_common.ChargingSchedule(
        power_schedule=iso20_common.PowerSchedule(
            time_anchor=0,
            power_schedule_entries=iso20_common.PowerScheduleEntryList(
                power_schedule_entry=profile().ev_power_profile_entries.ev_power_profile_entry
            ),
        )
    )
    offered = tuple(
        iso20_common.ScheduleTuple(schedule_tuple_id=number, charging_schedule=empty)
        for number in numbers
    )
    scheduled = iso20_common.Scheduled_SEResControlMode(schedule_tuple=offered)
    return iso20_common.ScheduleExchangeRes(
        header=ANY,
        response_code=ResponseCode.OK,
        evse_processing=Processing.FINISHED,
        dynamic_se_res_control_mode=(
            None if numbers else iso20_common.Dynamic_SEResControlMode()
        ),
        scheduled_se_res_control_mode=scheduled if numbers else None,
    )


def learned(theirs, ours):
    choices = Choices()
    choices.learn(theirs, ours)
    return choices


def test_a_set_is_found_by_who_decides_and_then_by_its_connector():
    choices = learned(detail((2, 2), (1, 2)), detail((1, 1), (2, 1), (2, 2)))
    assert choices.made(selection(2, 1)) == selection(2, 3)
    assert choices.made(selection(2, 2)) == selection(2, 1)
    assert learned(detail((2, 9)), detail((1, 9), (2, 1))).made(selection(2, 1)) == selection(
        2, 2
    )


def test_the_same_number_is_left_as_it_was():
    assert learned(detail((1, 2)), detail((1, 2))).made(selection(2, 1)) is None


def test_a_set_that_was_not_told_of_is_left_as_it_was():
    assert Choices().made(selection(2, 1)) is None


def test_a_schedule_is_found_by_its_place():
    choices = learned(schedules(10, 20), schedules(1, 2))
    assert choices.made(power("Start", profile(tuple_id=20))) == power(
        "Start", profile(tuple_id=2)
    )


def test_a_schedule_that_was_not_offered_is_left_as_it_was():
    choices = learned(schedules(10, 20), schedules(1))
    for tuple_id in (1, 20, None):
        assert choices.made(power("Start", profile(tuple_id=tuple_id))) is None
    assert learned(schedules(), schedules()).made(power("Start", profile())) is None
    assert learned(schedules(1), schedules(1)).made(power("Start", profile())) is None


def test_all_else_is_left_as_it_was():
    choices = learned(stop(), stop())
    assert choices.made(stop()) is None
    assert choices.made(power("Start")) is None


def test_no_more_is_kept_than_a_service_can_have():
    choices = Choices()
    for service in range(1, 4):
        choices.learn(detail(*[(1, 1)] * 32, service=service), detail((1, 1)))
    assert choices.made(selection(2, 32)) == selection(2, 1)
    assert choices.made(selection(3, 32)) is None
