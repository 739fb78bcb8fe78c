"""What others were attacked with, or got wrong: for each class, the tests that look at it here.

The list is public: advisories, and reports of what conformance testers found. A class that this
product has no place for says why. A test that is named has to exist.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent

CLASSES = {
    # the vehicle's side of the cable
    "CVE-2024-37310: a V2GTP length that overflows": [
        "test_v2gtp.py::test_an_absurd_length_is_refused_before_anything_is_kept",
        "test_v2gtp.py::test_whatever_comes_a_reader_holds_less_than_a_message",
        "session/test_session.py::test_a_message_may_be_longer_after_the_handshake_but_not_much",
    ],
    "CVE-2026-22790: a bound of SLAC that is only asserted": [
        "scenarios/test_bad_frames.py::test_no_frame_keeps_the_rightful_car_from_charging",
        "homeplug/test_frame.py::test_every_message_cut_at_every_length_is_malformed_or_whole",
        "hostile/test_any_order.py::test_with_assertions_switched_off_a_charger_does_the_same",
    ],
    "CVE-2026-24003: the order of requests, or the authorisation, is passed by": [
        "hostile/test_any_order.py::TestOnAc",
        "hostile/test_any_order.py::TestOnDc",
        "hostile/test_any_order.py::test_a_charger_without_its_guards_is_caught",
        "session/iso2/test_any_order.py::TestOnAc",
        "session/iso2/test_any_order.py::TestOnDc",
        "session/test_session.py::test_no_order_of_requests_gets_energy_without_a_grant",
        "scenarios/test_guard.py::"
        "test_power_delivery_without_an_authorisation_is_a_sequence_error",
    ],
    "CVE-2026-27813: plugging in races with being authorised": [
        "hostile/test_revocation.py::"
        "test_an_answer_that_comes_when_another_vehicle_is_there_lets_nobody_in",
        "test_chargepoint.py::test_a_decision_of_another_plug_in_authorises_nobody",
        "scenarios/test_identity.py::"
        "test_an_authorisation_is_not_there_for_who_is_plugged_in_next",
        "scenarios/test_unplug.py::"
        "test_a_plug_that_is_pulled_at_any_moment_ends_everything_and_the_next_charges",
    ],
    "CVE-2026-29044: an authorisation that is withdrawn before the start is forgotten": [
        "hostile/test_revocation.py::"
        "test_a_card_that_is_taken_out_in_whatever_moment_ends_the_charge",
        "session/iso2/test_any_order.py::"
        "test_from_wherever_it_has_come_a_start_without_a_right_to_it_does_nothing",
        "scenarios/test_identity.py::"
        "test_a_vehicle_that_is_removed_or_blocked_while_it_charges_stops",
    ],
    "CVE-2026-27828: no link-local address yet": [
        "adapters/test_addresses.py::test_an_interface_without_address_says_what_to_do",
        "adapters/test_addresses.py::"
        "test_an_address_under_detection_of_duplicates_is_not_used_yet",
        "adapters/test_app.py::"
        "test_an_interface_that_is_missing_is_said_once_and_served_when_it_appears",
    ],
    "CVE-2026-26070 to 26074: threads that share what a vehicle says": [
        "adapters/test_lookups.py::test_a_question_is_answered_later_on_the_event_loop",
        "adapters/test_driver.py::"
        "test_an_event_fed_by_an_action_waits_for_the_actions_before_it",
    ],
    "CVE-2021-44228, 45046: a text of the vehicle that is taken for more": [
        "hostile/test_messages.py::"
        "test_twenty_protocols_with_the_worst_of_names_are_no_trouble",
        "report/test_browser.py::test_what_a_peer_says_stays_text",
        "test_timeline.py::test_a_peers_text_cannot_command_the_terminal_or_make_a_second_line",
    ],
    "RISE-V2G issue 49: XML entities": [
        "hostile/test_secrets.py::test_no_module_draws_from_what_can_be_guessed_or_reads_xml",
    ],
    "CVE-2022-0878: noise that ends the powerline link": [
        "scenarios/test_fallback.py::"
        "test_a_link_that_is_lost_in_mid_session_ends_it_and_the_car_goes_on_by_pulses",
        "scenarios/test_fallback.py::"
        "test_an_unauthorised_car_that_loses_its_link_has_as_long_as_the_first_time_to_match",
    ],
    "unfiled: a malformed contract certificate, before anybody is authorised": [
        "auth/test_chain_hostile.py::test_any_octets_are_judged",
        "auth/test_chain_hostile.py::test_der_that_is_made_to_burst_does_not",
        "auth/test_chain_hostile.py::test_a_leaf_with_one_octet_changed_is_never_a_contract",
        "hostile/test_messages.py::"
        "test_a_chain_as_long_as_it_may_be_is_passed_on_to_who_judges_it",
    ],
    "unfiled: a session id of zero, or another's": [
        "hostile/test_messages.py::test_a_session_id_that_is_not_its_own_ends_it_too",
        "scenarios/test_identity.py::test_a_session_id_of_zeros_is_never_that_of_a_session",
        "scenarios/test_identity.py::"
        "test_a_request_with_the_session_id_of_zeros_is_refused_in_the_middle_of_a_charge",
        "session/suite/test_conformance.py::"
        "test_a_foreign_session_id_is_refused_and_the_stream_closed",
    ],
    "unfiled: an optional message is answered with what lay about": [
        "session/iso2/test_refusal.py::*",
        "session/iso2/test_provisioning.py::"
        "test_a_request_that_cannot_be_written_again_is_not_passed_on",
    ],
    "unfiled: one exception ends the service for good": [
        "adapters/test_driver.py::"
        "test_a_machine_that_fails_is_heard_of_and_does_not_block_the_next_event",
        "adapters/test_server.py::test_a_reset_is_the_end_of_its_stream_and_of_nothing_else",
        "adapters/test_app.py::test_a_fault_of_its_own_ends_it_with_an_open_contactor",
        "scenarios/test_strangers.py::"
        "test_octets_that_are_no_messages_end_the_session_and_nothing_else",
    ],
    "unfiled: random values of 32 bits": [
        "hostile/test_secrets.py::test_session_ids_and_challenges_are_drawn_from_secrets",
        "adapters/test_network.py::test_every_stream_has_a_session_id_of_its_own",
        "scenarios/test_unplug.py::test_every_plug_in_has_a_key_of_its_own",
    ],
    "a second connection": [
        "scenarios/test_strangers.py::test_a_second_connection_is_refused_and_disturbs_nothing",
        "scenarios/test_reconnect.py::test_a_second_connection_of_anybody_else_is_refused",
        "adapters/test_server.py::"
        "test_too_many_connections_are_turned_away_and_room_is_made_by_those_that_end",
    ],
    "who sends nothing, half a message, or an octet at a time": [
        "adapters/test_server.py::test_a_request_in_single_octets_arrives_whole",
        "session/test_session.py::test_a_vehicle_that_says_nothing_at_all_is_dropped_too",
        "session/test_session.py::test_what_is_ignored_gives_no_time",
        "session/iso2/test_ongoing.py::"
        "test_a_vehicle_that_does_not_ask_again_after_it_was_refused_is_hung_up_on",
        "adapters/test_server.py::"
        "test_a_peer_that_does_not_read_is_cut_off_before_it_fills_our_memory",
    ],
    "lists without end": [
        "exi/test_decoder.py::test_a_list_longer_than_its_schema_allows_has_no_code",
        "exi/test_decoder.py::test_a_list_without_bound_has_ours",
        "hostile/test_messages.py::test_a_profile_as_long_as_it_may_be_is_borne_in_mid_charge",
    ],
    "a value that its type does not have": [
        "hostile/test_messages.py::"
        "test_a_value_that_its_type_does_not_have_ends_the_session_and_the_energy",
    ],
    "secrets in logs": [
        "hostile/test_secrets.py::test_the_network_key_is_in_nothing_that_a_charge_shows",
        "homeplug/test_messages.py::test_the_network_key_is_in_no_repr",
        "homeplug/test_upkeep.py::"
        "test_a_key_is_told_where_the_sheet_has_it_and_shown_in_no_log",
        "recording/test_redaction.py::test_nothing_leads_back_from_what_is_written_to_the_key",
    ],
    # the owner's side
    "CVE-2026-26008, 27815, 27816: what comes from inside is not looked at": [
        "adapters/test_operator.py::test_a_limit_that_is_no_current_is_refused",
        "adapters/test_control.py::test_a_line_that_is_no_json_object_is_an_error_and_no_end",
        "test_chargepoint.py::test_a_limit_that_cannot_be_is_ignored_with_its_source",
        "session/iso2/test_provisioning.py::*",
    ],
    "CVE-2024-23958, 23959, 23967: a way in at the back": [
        "adapters/test_control.py::test_only_its_owner_may_use_the_socket",
    ],
}

NO_PLACE = {
    "CVE-2025-59398, 59399; CVE-2026-28230; CVE-2024-44843; CVE-2026-26288 and others":
        "no back end speaks to this charger",
    "CVE-2026-27814: one phase or three":
        "nothing here switches phases",
}  # fmt: skip


@cache
def names(path):
    """The tests that a module has, and the names that it gives to those that are made."""
    found = set()
    for node in ast.parse((TESTS / path).read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_has_tests_and_each_of_them_exists(name):
    assert CLASSES[name]
    for node in CLASSES[name]:
        path, _, test = node.partition("::")
        assert test == "*" or test in names(path), node


def test_a_test_that_is_not_there_is_missed():
    assert "test_that_nobody_has_written" not in names("test_v2gtp.py")
    assert all(why for why in NO_PLACE.values())
