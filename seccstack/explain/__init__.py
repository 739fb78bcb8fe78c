"""Why a vehicle is not charging, or is: in words for its owner, with what can be done."""
