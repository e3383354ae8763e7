"""Letters side by side with Node: how many a second one worker sends, and what each costs."""
