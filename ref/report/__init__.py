"""One page of a user's own runs, beside the recorded ones: something to hand in or to send."""
