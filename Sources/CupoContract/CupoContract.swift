// The contract suite: what every server of Cupo's contract must do, as calls and what must come
// back. Not for the server's insides, nor for speed: it sees nothing but the wire, so that it runs
// against any address. Before changing anything: a check prepares all that it needs under ids of
// its own, since the server may be a live one with other data, other checks run at the same time,
// and the suite is run again and again.
