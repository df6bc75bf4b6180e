"""The feeds that universities send to the learning analytics of Jisc, as TSV."""
