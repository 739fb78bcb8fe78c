"""What a charger has to do in ISO 15118-20, case by case: its number, what comes, what is said.

The list is made after public checklists and the test scenarios of another program; the
standard itself was not at hand.
"""

from tests.slac.suite.cases import Case

LINES = """
E-1.1 | session id 0 | OK_NewSessionEstablished
E-1.2 | the id and the certificate of the vehicle that paused | OK_OldSessionJoined
E-1.3 | that id, another certificate | OK_NewSessionEstablished
E-1.4 | another id | OK_NewSessionEstablished
E-1.5 | after a session was joined, its parameters at once | OK
E-2.1 | AuthorizationSetupReq where contracts can be proven | OK
E-2.2 | AuthorizationSetupReq with a foreign id | FAILED_UnknownSession
E-3.1 | CertificateInstallationReq, and nobody provides | WARNING_NoCertificateAvailable
E-4.1 | a card is awaited | OK, Ongoing
E-4.2 | a card was accepted | OK, Finished
E-4.3 | a way that was not offered | WARNING_AuthorizationSelectionInvalid, Finished
E-4.4 | a card was refused | WARNING_EIMAuthorizationFailure, Finished
E-4.5 | a card was refused, and then one accepted | OK, Finished
E-4.6 | a contract with another challenge | WARNING_ChallengeInvalid, Finished
E-4.7 | a contract that nobody has signed for | WARNING_GeneralPnCAuthorizationError, Finished
E-5.1 | ServiceDiscoveryReq without a filter | OK
E-5.2 | ServiceDiscoveryReq of a vehicle that supports nothing of it | OK
E-6.1 | the detail of AC | OK
E-6.2 | the detail of a service that there is not | FAILED_ServiceIDInvalid
E-7.1 | AC in its first parameter set | OK
E-7.2 | DC at an outlet for AC | FAILED_NoEnergyTransferServiceSelected
E-7.3 | a parameter set that there is not | FAILED_ServiceSelectionInvalid
E-7.4 | another service that there is not | FAILED_ServiceSelectionInvalid
E-8.1 | parameters of AC | OK
E-8.2 | parameters of both ways where one was selected | FAILED_WrongChargeParameter
E-8.3 | a least power above the most | FAILED_WrongChargeParameter
E-9.1 | parameters of DC | OK
E-9.2 | parameters of AC where DC was selected | FAILED_WrongChargeParameter
E-10.1 | ScheduleExchangeReq, scheduled | OK, Finished
E-10.2 | ScheduleExchangeReq, dynamic | OK, Finished
E-10.3 | the control mode that was not selected | FAILED, Finished
E-10.4 | no limit yet | OK, Ongoing
E-10.5 | no limit for 55 s | FAILED, Finished
E-11.1 | PowerDelivery(Start), and the contactor closes | OK
E-11.2 | PowerDelivery(Start), and it does not within 3 s | FAILED_ContactorError
E-11.3 | PowerDelivery(Start), and the vehicle stays in state B | FAILED_PowerDeliveryNotApplied
E-11.4 | a profile above what was offered | FAILED_EVPowerProfileInvalid
E-11.5 | a tuple that was not offered | FAILED_ScheduleSelectionInvalid
E-11.6 | PowerDelivery(Standby) | WARNING_StandbyNotAllowed
E-11.7 | PowerDelivery(Stop) | OK
E-11.8 | PowerDelivery(ScheduleRenegotiation) | OK
E-12.1 | AC_ChargeLoopReq, scheduled | OK
E-12.2 | AC_ChargeLoopReq, dynamic | OK
E-12.3 | the loop of the other control mode | FAILED
E-12.4 | no request for 0.5 s after a turn of the loop | the session ends
E-13.1 | DC_CableCheckReq, and the insulation is being measured | OK, Ongoing
E-13.2 | DC_CableCheckReq, and it is sound | OK, Finished
E-13.3 | DC_PreChargeReq | OK
E-13.4 | DC_ChargeLoopReq, scheduled | OK
E-13.5 | DC_ChargeLoopReq, dynamic, where scheduled was selected | FAILED
E-13.6 | DC_WeldingDetectionReq | OK
E-14.1 | MeteringConfirmationReq that nobody asked for | FAILED_SequenceError
E-15.1 | SessionStop(Terminate) | OK
E-15.2 | SessionStop(Pause) | OK
E-15.3 | SessionStop(ServiceRenegotiation) | OK
E-15.4 | SessionStop(ServiceRenegotiation) before it was offered | FAILED_NoServiceRenegotiationSupported
E-15.5 | SessionStop(Terminate) right after SessionSetup | OK
E-16.1 | VehicleCheckInReq | FAILED_SequenceError
E-16.2 | VehicleCheckOutReq | FAILED_SequenceError
""".strip().splitlines()  # noqa: E501
STEPS = {name: (does, wants) for name, does, wants in (line.split(" | ") for line in LINES)}
CASES = {name: Case(f"{does}: {wants}", "") for name, (does, wants) in STEPS.items()}
