"""Timers and counters; seconds.

Those with a name in a comment are of ISO 15118-3 (Table A.1 and clause 8, second-hand: several
independent transcriptions agree). Those marked "ours" the standard leaves to us.
"""

# Matching, the charger's side.
EVSE_SLAC_INIT = 50.0  # TT_EVSE_SLAC_init: from plug-in to the first CM_SLAC_PARM.REQ; 20 to 50
MATCH_SEQUENCE = 0.400  # TT_match_sequence: the next request of a sequence
MATCH_RESPONSE = 0.200  # TT_match_response: the response to what we sent
MATCH_MNBC = 0.600  # TT_EVSE_match_MNBC: all sounds
MATCH_SESSION = 10.0  # TT_EVSE_match_session: from the acknowledged result to the EV's choice
MATCH_JOIN = 12.0  # TT_match_join: from the key to the link
NUM_SOUNDS = 10  # C_EV_match_MNBC
RETRIES = 2  # C_EV_match_retry: one message is sent three times at most
MATCHING_REPETITION = 10.0  # TT_matching_repetition: an EV that failed tries anew for so long
EVSE_VALD_TOGGLE = 3.500  # TT_EVSE_vald_toggle: toggles are watched no longer
VALD_DETECT = 0.200  # T_vald_detect_time: from an edge of the pilot line to our knowing it
VALD_STATE = (0.200, 0.400)  # TP_EV_vald_state_duration: each part of a toggle, B or C
VALD_TOLERANCE = 0.050  # ours: an edge is debounced, and told a little later than it was
EV_VALD_TOGGLES = 3  # C_EV_vald_nb_toggles: at most
AMP_MAP = 0.100  # TP_amp_map_exchange: our part of an exchange of amplitude maps
AMP_MAP_EXCHANGE = 0.200  # TT_amp_map_exchange: the other's answer to ours
MATCHING_LIMIT = 60.0  # ours: asking after the first ask ends; strangers cannot hold us open
INSIST_AFTER = 1.0  # ours: a linked EV that still asks to be matched then has lost its link
MAX_NEIGHBOURS = (
    16  # ours: other vehicles that are told of per plug-in; more fit no car park's end
)
MAX_ATTEMPTS = 256  # ours, see `seccstack.slac.evse`; the standard wants 5 at least

# Matching, the car's side.
EV_START_ATTEN_CHAR_INDS = 3  # C_EV_start_atten_char_inds
EV_BATCH_INTERVAL = 0.040  # TP_EV_batch_msg_interval: 20 to 50 ms between sounds
EV_ATTEN_RESULTS = 1.200  # TT_EV_atten_results: from the first start to the last result
EV_RESPONSE = 0.010  # cars in captures answer after 7 to 13 ms; TP_match_response allows 100
MATCHING_RATE = 0.400  # TT_matching_rate: pause before an EV matches anew

# Our own modem; all ours.
SET_KEY = 0.500  # a QCA7000 takes up to 180 ms after a cold boot, 1 ms otherwise
SET_KEY_RETRIES = 3
SET_KEY_PATIENCE = 5.0  # between tries, once it has been found silent
KEY_SETTLING = 8.0  # modems take 6 to 7 s to be in the new network; some are deaf meanwhile
KEY_SHOWN = 15.0  # a key that is still not in use then is set once more
KEY_WATCH = 10.0  # between looks whether it still is
KEYS_MISSED = 2  # so many looks in a row that do not find it: the modem has forgotten it
POLL_JOINING = 0.100
POLL_AGAIN = 0.500  # an answer takes milliseconds
POLL_JOINED = 1.0
POLL_IDLE = 5.0  # nobody waits for a link: only to notice a dead modem before a driver does
POLL_SILENCE = 2.0  # unanswered for so long: silent
STATIONS_WATCH = 5.0  # between looks who is in our network
FIRMWARE_WATCH = 30.0  # between looks whether it is still the same
LINK_LOST_POLLS = 3  # a link is lost when so many answers in a row say so
MODEM_REOPEN = 3.0  # from silence to opening our way to it anew
MODEM_RESTART = 3.0  # from there to telling the modem to restart
MODEM_RESTARTED = 15.0  # a QCA7000 takes some 3 s to restart, a CG5317 is given 10 by others
MODEM_PAUSE = 30.0  # from declaring it dead to trying all of it again; doubles each time
MODEM_LONGEST_PAUSE = 600.0
MODEM_FALLS = 8  # pauses have long reached their limit by then
