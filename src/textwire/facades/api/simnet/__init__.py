"""/api/simnet: what the operator does with the network inside, with its handsets and with its clock."""
