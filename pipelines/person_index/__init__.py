"""Give each cluster a person id that stays, and write down every change with its cause."""
