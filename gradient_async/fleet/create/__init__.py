"""Creating many Droplets: which offers are tried, what the journal says, and the run itself."""
