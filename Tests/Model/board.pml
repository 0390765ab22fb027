/*
 * The board: the machine's reducer, its journal and its timers.
 *
 * Record before effect: `write` hands an entry to the disk, and what depends on it happens in
 * `recorded`, once it is there.
 */

inline call(kind, o, who, what) { calls ! kind, o, who, what }

inline write(kind, o, what) {
  disk ! kind, o, what;
  writing[o]++
}

/* --- What the core must be told -------------------------------------------------------------- */

/* Nothing is told while an entry about it is on its way to the disk. */
#define isReady(o) (owed[o] != none && writing[o] == 0)

inline tell(o) {
  telling = o + 1;
  if
  :: owed[o] == cancelling -> call(cancel, o, none, none)
  :: else -> call(settle, o, none, owed[o])
  fi
}

/* One thing at a time: the oldest, or what follows the one that failed last. */
inline tellCore() {
  if
  :: telling > 0 || backoff -> skip
#if SALES == 1
  :: else -> if :: isReady(0) -> tell(0) :: else fi
#else
  :: else ->
    if
    :: isReady(oldest) && isReady(1 - oldest) && untold == oldest + 1 ->
      MARK(toldInTurn);
      tell(1 - oldest)
    :: isReady(oldest) && !(isReady(1 - oldest) && untold == oldest + 1) -> tell(oldest)
    :: !isReady(oldest) && isReady(1 - oldest) -> tell(1 - oldest)
    :: else
    fi
#endif
  fi
}

/* Takes an obligation up behind the others. */
inline owe(o, what) {
  owed[o] = what;
#if SALES == 2
  oldest = (owed[1 - o] != none -> 1 - o : o)
#endif
}

/* --- From the money to the verdict ----------------------------------------------------------- */

inline judged(what) {
  board = judging;
  armed = 0;
  outcome = what;
  missing = (what == noDrop -> sale + 1 : 0);
#ifdef WRONG_TELL_BEFORE_RECORD
  telling = sale + 1;
  call(settle, sale, none, what);
#endif
  write(verdict, sale, what)
}

/* What the policy makes of an order whose pulse nobody can vouch for. Without an intent in the
   journal nothing speaks for a delivery. */
#if defined(WRONG_REFUND_UNSURE)
#define unsureOutcome(hasIntent) unsureRefund
#elif defined(WRONG_ASSUME_WITHOUT_INTENT)
#define unsureOutcome(hasIntent) policy
#else
#define unsureOutcome(hasIntent) (policy == assumed && !(hasIntent) -> unsureRefund : policy)
#endif

inline pulse() {
  mayPulse(sale);
  pulses[sale]++;
  relay = 1;
  moving = sale + 1;
  board = pulsing;
  dropSeen = 0
}

inline intend() {
#if defined(WRONG_PULSE_THEN_RECORD)
  pulse();
  write(intent, sale, none)
#elif defined(WRONG_RECORD_DONE_THEN_PULSE)
  board = intending;
  write(verdict, sale, delivered)
#else
  board = intending;
  write(intent, sale, none)
#endif
}

inline paidNow(isPermitted) {
  armed = 0;
  if
  :: door -> judged(failed)
  :: !door && (isPermitted) -> intend()
  :: else -> board = permitting; call(permit, sale, thisRun, none)
  fi
}

/* The customer is served when it is surely still the same one. */
inline paidWhileClosing(isPermitted, isStale) {
  if
  :: isStale -> MARK(paidTooLate); judged(failed)
  :: else -> MARK(paidInTheVeryMoment); paidNow(isPermitted)
  fi
}

inline endSale(kind) {
  board = ending;
  armed = 0;
  write(kind, sale, none)
}

/* Takes the code off the screen and has the order ended. */
inline closeSale() {
  board = closing;
  armed = 0;
  tries = 0;
  isRestarted = 0;
  call(cancel, sale, none, none)
}

inline dropSensed() {
  if
  :: board == pulsing -> dropSeen = 1
  :: board == watching -> judged(delivered)
  :: board == judging && outcome == noDrop -> MARK(dropWhileNoDropIsWritten); judged(delivered)
  :: else ->
    if
    :: missing > 0 -> MARK(lateDropSeen); write(lateDrop, missing - 1, none); missing = 0
    :: else
    fi
  fi
}

/* --- The journal ----------------------------------------------------------------------------- */

/* An entry is on the disk: Ledger.apply. */
inline commit(kind, o, what) {
  if
  :: kind == saleBegan -> begun = saleBegan; begunSale = o
  :: kind == cancelling ->
    assert(I9 || (begun == saleBegan && begunSale == o));
    begun = none;
    owe(o, cancelling)
  :: kind == endedUnpaid ->
    assert(I9 || (begun == saleBegan && begunSale == o) || owed[o] == cancelling);
    begun = (begunSale == o -> none : begun);
    owed[o] = none;
    said[o] = unpaid
  :: kind == intent ->
    assert(I9 || (begun == saleBegan && begunSale == o));
    begun = intent
  :: kind == verdict ->
    assert(I9 || (begun != none && begunSale == o) || owed[o] == cancelling || owed[o] == noDrop);
    intended[o] = ((begun == intent && begunSale == o) || (owed[o] == noDrop && intended[o]) ->
      1 : 0);
    begun = (begunSale == o -> none : begun);
    owe(o, what);
    said[o] = what;
    assert(I3 || eitherGoodsOrMoney(o))
  :: kind == settled -> owed[o] = none; intended[o] = 0
  :: kind == lateDrop -> skip
  fi;
  if
  :: begun == none -> begunSale = 0
  :: else
  fi
}

/* What follows an entry that is on the disk now. */
inline recorded(kind, o, what) {
  if
  :: kind == saleBegan && board == beginning ->
    if
    :: door -> MARK(stoppedWhileBeginning); endSale(endedUnpaid)
    :: else -> board = opening; armed = 0; call(open, o, none, none)
    fi
  :: kind == intent && board == intending ->
    if
    :: door -> MARK(stoppedAfterIntent); judged(failed)
    :: else -> pulse()
    fi
  :: kind == verdict ->
    if
#ifdef WRONG_RECORD_DONE_THEN_PULSE
    :: board == intending -> pulse(); board = idle
#endif
    :: board == judging && o == sale && what == outcome -> board = idle; outcome = none; sale = 0
    :: else
    fi;
    tellCore()
  :: kind == endedUnpaid || kind == cancelling ->
    if
    :: board == ending -> board = idle; sale = 0
    :: else
    fi;
    tellCore()
  :: kind == settled -> tellCore()
#ifndef WRONG_STALL_AFTER_LATE_DROP
  :: kind == lateDrop ->
    if
    :: isReady(o) && telling == 0 && !backoff -> MARK(settlementWaitedForLateDrop)
    :: else
    fi;
    tellCore()
#endif
  :: else
  fi
}

/* --- Answers --------------------------------------------------------------------------------- */

inline openAnswered(o, what) {
  if
  :: board == opening && o == sale ->
    if
    :: what == opened -> board = awaitingPayment; armed = 1; seen[o] = 1
    :: what == refused -> closeSale()
    :: what == unknown -> armed = 1
    fi
  :: else
  fi
}

#ifdef WRONG_ANSWERS_WITHOUT_NUMBER
#define isAbout(o, number) true
#else
#define isAbout(o, number) (o == number)
#endif

inline statusAnswered(o, what, isStale) {
  if
  :: board == awaitingPayment && isAbout(o, sale) ->
    if
    :: what == pending || what == unknown -> armed = 1
    :: what == paidPermitted -> paidNow(true)
    :: what == alreadyPaid -> paidNow(false)
    :: what == closed -> closeSale()
    :: what == tooLate -> endSale(endedUnpaid)
    fi
  :: board == closing && isAbout(o, sale) && what == paidPermitted ->
    MARK(permitOvertakenByCancel);
    paidWhileClosing(true, isStale)
  :: else
  fi
}

inline permitAnswered(o, what, isStale) {
  if
  :: board == permitting && o == sale ->
    if
    :: what == granted && !door -> intend()
    :: what == granted && door -> judged(failed)
    :: what == tooLatePermitted ->
      MARK(permitRefusedToAnotherRun);
      judged(unsureOutcome(false))
    :: what == tooLate -> endSale(endedUnpaid)
    :: what == unknown && isStale -> judged(failed)
    :: what == unknown && !isStale -> armed = 1
    fi
  :: else
  fi
}

inline cancelAnswered(o, what, isStale) {
  if
  :: board == closing && o == sale ->
    if
    :: what == closed || what == tooLate -> endSale(endedUnpaid)
    :: what == alreadyPaid -> paidWhileClosing(false, isStale)
    :: what == tooLatePermitted && isRestarted ->
      MARK(permitOfAnEarlierRun);
      judged(unsureOutcome(false))
    :: what == tooLatePermitted && !isRestarted ->
      /* Ours, most likely: the answer that gave it was lost. */
      MARK(permitAnswerLost);
      board = permitting;
      armed = 0;
      call(permit, o, thisRun, none)
    :: what == unknown ->
      tries++;
      if
      :: tries == 3 || isStale -> MARK(endedInTheBackground); tries = 0; endSale(cancelling)
      :: else -> armed = 1
      fi
    fi
  :: !(board == closing && o == sale) && telling == o + 1 && owed[o] == cancelling ->
    telling = 0;
    if
    :: what == closed || what == tooLate -> write(endedUnpaid, o, none)
    :: what == alreadyPaid -> MARK(paidInTheBackground); write(verdict, o, failed)
    :: what == tooLatePermitted -> write(verdict, o, unsureOutcome(false))
    :: what == unknown -> FAILED_TO_TELL(o); backoff = 1
    fi
  :: else
  fi
}

inline settleAnswered(o, what) {
  if
  :: telling == o + 1 && owed[o] != none && owed[o] != cancelling ->
    telling = 0;
    if
    :: what == accepted -> write(settled, o, none)
    :: what == unknown -> MARK(settlementFailed); FAILED_TO_TELL(o); backoff = 1
    fi
  :: else
  fi
}

/* Late, for a closing board: the customer may have gone, the patience is over. */
inline hear() {
  answers ? aKind, anOrder, aWord;
  SAY("hear %e %d %e stale=%d", aKind, anOrder, aWord, isStale);
  if
  :: aKind == open -> openAnswered(anOrder, aWord)
  :: aKind == status -> statusAnswered(anOrder, aWord, isStale)
  :: aKind == permit -> permitAnswered(anOrder, aWord, isStale)
  :: aKind == cancel -> cancelAnswered(anOrder, aWord, isStale)
  :: aKind == settle -> settleAnswered(anOrder, aWord)
  fi;
  SHOW
}

/* --- Start ----------------------------------------------------------------------------------- */

inline startBoard() {
#ifdef WRONG_FORGET_SETTLEMENT
  owed[0] = none;
#endif
  if
  :: begun == none -> board = idle; tellCore()
  :: begun == intent ->
    sale = begunSale;
#ifdef WRONG_RETRY_ON_BOOT
    pulse()
#else
    MARK(foundAnIntent);
    judged(unsureOutcome(true));
    tellCore()
#endif
  :: begun == saleBegan ->
    sale = begunSale;
    closeSale();
    isRestarted = 1
  fi
}

/* --- The processes --------------------------------------------------------------------------- */

proctype Board() {
end:
  do
  :: d_step {
    len(disk) > 0 ->
    disk ? aKind, anOrder, aWord;
    SAY("disk %e %d %e", aKind, anOrder, aWord);
    writing[anOrder]--;
    commit(aKind, anOrder, aWord);
    recorded(aKind, anOrder, aWord);
    SHOW
  }
  :: atomic { board != off && len(answers) > 0 ->
    if
    :: isStale = 0
    :: board == closing || board == permitting -> isStale = 1
    fi;
    d_step { hear() } }
  od
}

/* The board's timers; each may fire at any time. */
proctype Clock() {
end:
  do
  :: d_step { board == opening && armed -> SAY("timer poll");
    armed = 0; call(open, sale, none, none); SHOW }
  :: d_step { board == awaitingPayment && armed && mayPoll(sale) -> SAY("timer poll");
    armed = 0; call(status, sale, thisRun, none); SHOW }
  :: d_step { board == closing && armed -> SAY("timer cancel");
    armed = 0; call(cancel, sale, none, none); SHOW }
  :: d_step { board == permitting && armed -> SAY("timer permit");
    armed = 0; call(permit, sale, thisRun, none); SHOW }
  :: d_step { board == opening && mayTire(sale) -> SAY("timer open"); closeSale(); SHOW }
  :: d_step { board == awaitingPayment && mayTire(sale) -> SAY("timer countdown");
    closeSale(); SHOW }
  :: d_step { board == watching -> SAY("timer drop"); judged(noDrop); SHOW }
  :: d_step { backoff -> SAY("timer obligation"); backoff = 0; tellCore(); SHOW }
  od
}

/* Who stands before the machine, and who opens its door. */
proctype People() {
end:
  do
  :: d_step { board == idle && sold < SALES && !door -> SAY("confirm");
#ifdef WRONG_REUSED_NUMBER
    sale = 0;
#else
    sale = sold;
#endif
    sold++;
    board = beginning;
    write(saleBegan, sale, none);
    SHOW }
  :: d_step { (board == opening || board == awaitingPayment) && mayTire(sale) -> SAY("cancelKey");
    closeSale(); SHOW }
  :: d_step { STORM && doors > 0 && !door && board != off -> SAY("doorOpens");
    doors--;
    door = 1;
    if
    :: board == opening || board == awaitingPayment -> closeSale()
    :: else
    fi;
    SHOW }
  :: d_step { door && board != off -> SAY("doorCloses"); door = 0; SHOW }
  od
}
