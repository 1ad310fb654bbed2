"""Cron lines in words."""

from __future__ import annotations

import pytest

from bizosaas_app.services.gamification import cron_words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 0 1 * *", "On the 1st of every month at 00:00"),
        ("0 9 * * 1", "Every Monday at 09:00"),
        ("0 0 * * 7", "Every Sunday at 00:00"),
        ("30 6 * * *", "Every day at 06:30"),
        ("0 * * * *", "Every hour"),
        ("15 * * * *", "Every hour at minute 15"),
        ("0 9,18 * * 1-2", "Every Monday and Tuesday at 09:00 and 18:00"),
        ("0 0 1,15 1,7 *", "On the 1st and 15th of January and July at 00:00"),
        ("0 0 1 * 1", "On the 1st of every month, and every Monday, at 00:00"),
        ("0 0 * 12 5", "Every Friday of December at 00:00"),
        ("0 */3 * * *", "Every day at minute 0 of the hours 0, 3, 6, 9, 12, 15, 18 and 21"),
        ("0 0 L * *", ""),
        ("0 0 * * 1#2", ""),
    ],
)
def test_a_line_is_read_as_people_say_it(line: str, words: str) -> None:
    assert cron_words.read(line) == words
