"""Contacts that do what contacts do."""

from tests.case import BoardCase


class KeyTests(BoardCase):
    """The keypad is a chip of its own, whose columns raise real interrupts."""

    def test_a_bouncing_contact_is_one_key(self) -> None:
        self.start()
        hands = self.board.hands
        steps: list[str] = []
        for legend in "11#":
            for pause in (300, 700, 200, 1500, 400, 900):
                steps += [hands.key(legend, True), f"wait {pause}", hands.key(legend, False),
                          f"wait {pause}"]
            steps += [hands.key(legend, True), "wait 70000"]
            for pause in (200, 800, 300):
                steps += [hands.key(legend, False), f"wait {pause}", hands.key(legend, True),
                          f"wait {pause}"]
            steps += [hands.key(legend, False), "wait 90000"]
        hands.do(*steps)
        self.board.code()
        self.assertEqual(self.platform.order(self.board.status()["order"])["totalFen"], 450)

    def test_a_stuck_key_is_named_and_the_others_sell(self) -> None:
        self.start()
        self.board.hands.do(self.board.hands.key("7", True))
        fault = self.wait_for_fault("K2", limit=90)
        self.assertEqual(fault["subject"], "7")
        self.board.hands.press("*")
        self.sell("11")
        self.board.hands.do(self.board.hands.key("7", False))
        self.wait_until(lambda status: not status["faults"], "the key is free")

    def test_three_keys_at_once_do_not_make_a_fourth(self) -> None:
        self.start()
        hands = self.board.hands
        # With 2 and 4 and 5 down, row 0 reaches column 0 through row 1: the ghost is 1.
        down = [hands.key(legend, True) for legend in "245"]
        up = [hands.key(legend, False) for legend in "245"]
        hands.do(*down, "wait 200000", *up, "wait 200000")
        status = self.board.status()
        self.assertIn(status["state"], ("idle", "selecting"))
        self.assertEqual(self.log().count("sale-began"), 0)
        # Whatever was typed is corrected, and the machine sells what is asked for.
        hands.press("*")
        self.sell("12")

    def test_a_key_that_is_held_when_the_machine_starts_sells_nothing(self) -> None:
        self.scene.board.restore_machine(
            self.platform.machine_files(self.scene.work / "etc"), starts=False)
        self.board.hands.do(self.board.hands.key("1", True))
        self.board.run("systemctl start vendd")
        self.board.hands.do("wait 1000000", self.board.hands.key("1", False), "wait 200000")
        self.wait_to_sell()
        self.sell("11")
