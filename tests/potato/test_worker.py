from potato.worker import Hearing


class World:
    """A queue, a worker and a clock."""

    def __init__(self) -> None:
        self.now, self.waiting, self.busy = 0.0, 0, False
        self.hearing = Hearing(
            waiting=lambda: self.waiting, busy=lambda: self.busy, seconds=60, clock=lambda: self.now
        )

    def is_lost_after(self, seconds: int) -> bool:
        for _ in range(seconds):
            self.now += 1
            if self.hearing.is_lost():
                return True
        return False


class TestHearing:
    def test_is_lost_when_work_waits_and_none_is_taken(self):
        world = World()
        world.waiting = 3

        assert not world.is_lost_after(60)
        assert world.is_lost_after(2)

    def test_is_well_while_nothing_waits(self):
        assert not World().is_lost_after(1000)

    def test_is_well_while_there_is_a_long_task(self):
        world = World()
        world.waiting, world.busy = 3, True

        assert not world.is_lost_after(1000)

    def test_is_well_while_tasks_come_in(self):
        world = World()
        world.waiting = 3

        for _ in range(10):
            assert not world.is_lost_after(50)
            world.hearing.heard()
