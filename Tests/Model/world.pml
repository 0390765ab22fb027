/*
 * Everything outside: the provider, the payer, the lane, the way between, the power.
 */

/* --- The provider ---------------------------------------------------------------------------- */

#define isAsked (isBusy && reply == none)

inline createHere() {
  exists[subject] = 1;
#ifdef WRONG_REUSED_NUMBER
  isClosed[subject] = 0;
#endif
  reply = created
}

inline queryHere() {
  reply = (!exists[subject] -> notFound :
    (back[subject] != none -> refundSeen :
    (pay[subject] == right -> paidRight :
    (pay[subject] == wrong -> paidWrong :
    (isClosed[subject] -> closed : pending)))))
}

inline closeHere() {
  reply = (!exists[subject] -> notFound : (pay[subject] != none -> alreadyPaid : closed));
  isClosed[subject] = (reply == closed -> 1 : isClosed[subject])
}

/* The provider is taken to know a refund by its number alone. */
inline refundHere() {
  if
#ifndef WRONG_NEW_REFUND_NUMBER
  :: back[subject] != none -> MARK(refundAskedAgain)
#endif
  :: else ->
    back[subject] = (back[subject] == none -> processing : back[subject]);
    refunds[subject]++;
    mayRefund(subject)
  fi;
  reply = accepted
}

inline queryRefundHere() { reply = (back[subject] == none -> notFound : back[subject]) }

inline actHere() {
  if
  :: want == create -> createHere()
  :: want == query -> queryHere()
  :: want == close -> closeHere()
  :: want == refund -> refundHere()
  :: want == queryRefund -> queryRefundHere()
  fi
}

#ifdef DELAYS
/* A call that everybody has given up acts all the same. */
inline actLate() {
  delayed ? aKind, anOrder;
  SAY("arrives %e %d", aKind, anOrder);
  if
  :: aKind == create -> exists[anOrder] = 1
  :: aKind == close && exists[anOrder] && pay[anOrder] == none -> isClosed[anOrder] = 1
  :: aKind == refund && back[anOrder] == none ->
    back[anOrder] = processing;
    refunds[anOrder]++;
    mayRefund(anOrder)
  :: else
  fi;
  SHOW
}
#endif

proctype Provider() {
end:
  do
  :: d_step { isAsked -> SAY("provider well"); actHere(); SHOW }
  :: d_step { isAsked && TROUBLE -> SAY("provider lostBefore"); SUFFER; reply = unknown; SHOW }
  :: d_step { isAsked && TROUBLE -> SAY("provider lostAfter");
    SUFFER; actHere(); reply = unknown; SHOW }
  :: d_step { isAsked && TROUBLE -> SAY("provider busy"); SUFFER; reply = unknown; SHOW }
#ifdef DELAYS
  :: d_step { isAsked && TROUBLE && len(delayed) == 0 && (want == create || want == close ||
      want == refund) ->
    SAY("provider delayed");
    SUFFER;
    delayed ! want, subject;
    reply = unknown;
    SHOW }
  :: d_step { len(delayed) > 0 -> MARK(actsLate); actLate() }
#endif
  :: d_step { isAsked && TROUBLE && (want == query || want == create || want == close) ->
    SAY("provider forged"); SUFFER; reply = forged; SHOW }
  /* A copy of the books lags behind: not seen the payment yet, not seen the refund yet. */
  :: d_step { isAsked && TROUBLE && want == query && pay[subject] != none && !over[subject] ->
    SAY("provider lagging"); SUFFER; reply = pending; SHOW }
  :: d_step { isAsked && TROUBLE && want == queryRefund -> SAY("provider lagging");
    SUFFER; reply = notFound; SHOW }
  :: d_step { isAsked && TROUBLE && (want == create && !exists[subject] || want == refund
      && back[subject] == none) ->
    SAY("provider refuses"); SUFFER; reply = refused; SHOW }
  :: d_step { back[0] == processing -> SAY("refund 0 arrives"); back[0] = arrived; SHOW }
  :: d_step { STORM && back[0] == processing -> SAY("refund 0 sticks"); back[0] = stuck; SHOW }
#if SALES == 2
  :: d_step { back[1] == processing -> SAY("refund 1 arrives"); back[1] = arrived; SHOW }
#endif
  od
}

/* --- The payer ------------------------------------------------------------------------------- */

#define canPay(o) (seen[o] && !isClosed[o] && pay[o] == none)
/* The cashier was open before the order was closed, and the button is pressed now. */
#ifdef ORDERLY
#define canPayLate(o) false
#else
#define canPayLate(o) (seen[o] && isClosed[o] && pay[o] == none && !over[o])
#endif

proctype Payer() {
end:
  do
  :: d_step { canPay(0) -> SAY("pay 0 right"); pay[0] = right; SHOW }
  :: d_step { canPayLate(0) -> SAY("payLate 0"); MARK(paidLate); pay[0] = right; SHOW }
#ifndef ORDERLY
  :: d_step { STORM && canPay(0) -> SAY("pay 0 wrong"); pay[0] = wrong; SHOW }
#endif
#ifdef WRONG_REUSED_NUMBER
  /* The second sale has the first one's number, and the first customer's cashier is still open. */
  :: d_step { canPay(0) && sold == 2 -> SAY("pay 0 firstCustomer");
    pay[0] = right; isPaidByAnother = 1; SHOW }
#endif
#if SALES == 2
  :: d_step { canPay(1) -> SAY("pay 1 right"); pay[1] = right; SHOW }
  :: d_step { canPayLate(1) -> SAY("payLate 1"); MARK(paidLate); pay[1] = right; SHOW }
#endif
  od
}

/* --- The lane -------------------------------------------------------------------------------- */

proctype Lane() {
end:
  do
  /* The relay was on for its time. */
  :: d_step { relay -> SAY("relay done");
    relay = 0;
    if
    :: board == pulsing && (dropSeen || !sensor) -> judged(delivered)
    :: board == pulsing && !(dropSeen || !sensor) -> board = watching
    :: else
    fi;
    dropSeen = 0;
    SHOW }
  /* It never switched on, so nothing moves. */
  :: d_step { relay && moving == sale + 1 && board == pulsing -> SAY("relay refused");
    relay = 0;
    moving = 0;
    judged(failed);
    SHOW }
  /* It did not do what it was told: something may have moved, or not. */
  :: d_step { relay && board == pulsing -> SAY("relay doubtful");
    relay = 0;
#ifdef WRONG_TRANSPORT_RETRY
    pulse();
#else
    if
    :: dropSeen -> judged(delivered)
    :: !dropSeen && sensor -> board = watching
    :: !dropSeen && !sensor ->
      MARK(doubtWithoutSensor);
      unsure[sale] = 1;
      judged(unsureOutcome(true))
    fi;
    dropSeen = 0;
#endif
    SHOW }
  /* The product falls, whenever it likes; a sensor sees it if the board is awake. */
  :: d_step { moving > 0 -> SAY("falls %d", moving - 1);
    anOrder = moving - 1;
    moving = 0;
    fell[anOrder] = 1;
    assert(I3 || eitherGoodsOrMoney(anOrder));
    if
    :: sensor && board != off -> dropSensed()
    :: else
    fi;
    SHOW }
  :: d_step { moving > 0 -> SAY("jams %d", moving - 1); moving = 0; SHOW }
  od
}

/* --- Power ----------------------------------------------------------------------------------- */

#define earlier(who) (who == thisRun -> earlierRun : who)

/* The board goes dark; the entry that was being written is on the disk, or not. */
inline boardFails() {
  if
  :: isWritten ->
    disk ? aKind, anOrder, aWord;
    commit(aKind, anOrder, aWord)
  :: else
  fi;
  do
  :: len(disk) > 0 -> disk ? aKind, anOrder, aWord
  :: else -> break
  od;
  do
  :: len(answers) > 0 -> answers ? aKind, anOrder, aWord
  :: else -> break
  od;
  if
  :: begun == intent && pulses[begunSale] == 0 ->
    MARK(powerFailsBetweenIntentAndPulse);
    unsure[begunSale] = 1
  :: begun == intent && pulses[begunSale] > 0 ->
    MARK(powerFailsBetweenPulseAndVerdict);
    unsure[begunSale] = 1
  :: else
  fi;
  board = off;
  sale = 0;
  armed = 0;
  tries = 0;
  isRestarted = 0;
  dropSeen = 0;
  outcome = none;
  missing = 0;
  telling = 0;
  FORGET_UNTOLD;
  backoff = 0;
  relay = 0;
  writing[0] = 0;
  nonce[0] = earlier(nonce[0]);
#if SALES == 2
  writing[1] = 0;
  nonce[1] = earlier(nonce[1]);
#endif
  forRun = earlier(forRun)
}

/* What the core remembers is what is on its disk; held orders are told of again. */
inline coreFails() {
  if
  :: isTakenBack ->
    MARK(permitTakenBack);
    book[unsynced - 1] = before;
    nonce[unsynced - 1] = none
  :: else
  fi;
  if
  :: want == create -> MARK(powerFailsInCreate)
  :: want == close -> MARK(powerFailsInClose)
  :: want == refund -> MARK(powerFailsInRefund)
  :: alarming[0] -> MARK(powerFailsBeforeAlarm)
  :: else
  fi;
  unsynced = 0;
  before = none;
  finish();
#ifndef WRONG_ALARM_ONCE
  alarming[0] = (book[0] == held && !told[0]);
#if SALES == 2
  alarming[1] = (book[1] == held && !told[1]);
#endif
#else
  alarming[0] = 0;
#endif
}

#define mayFail (STORM && crashes > 0 && !isAtRest)

#ifndef APART

inline powerFails() {
  SAY("power written=%d takenBack=%d", isWritten, isTakenBack);
  crashes--;
  do
  :: len(calls) > 0 -> calls ? aKind, anOrder, aRun, aWord
  :: else -> break
  od;
  boardFails();
  coreFails();
  SHOW
}

proctype Power() {
end:
  do
  :: atomic { mayFail && board != off ->
    if
    :: isWritten = 0
    :: len(disk) > 0 -> isWritten = 1
    fi;
    if
    :: isTakenBack = 0
    :: unsynced > 0 -> isTakenBack = 1
    fi;
    d_step { powerFails() } }
  :: d_step { board == off -> SAY("start");
    findPermit(0);
#if SALES == 2
    findPermit(1);
#endif
    startBoard();
    SHOW }
  od
}

#else

/* A call that was on its way when the board failed is lost, or comes later. */
inline boardAloneFails() {
  SAY("boardFails written=%d straggling=%d", isWritten, isStraggling);
  crashes--;
  isMute = isBusy;
  if
  :: isStraggling ->
    calls ? aKind, anOrder, aRun, aWord;
    stragglers ! aKind, anOrder, earlier(aRun), aWord
  :: !isStraggling && len(stragglers) > 0 ->
    stragglers ? aKind, anOrder, aRun, aWord;
    stragglers ! aKind, anOrder, earlier(aRun), aWord
  :: else
  fi;
  do
  :: len(calls) > 0 -> calls ? aKind, anOrder, aRun, aWord
  :: else -> break
  od;
  boardFails();
  SHOW
}

inline coreAloneFails() {
  SAY("coreFails");
  crashes--;
  if
  :: isBusy && asker != none && !isMute -> answers ! asker, subject, unknown
  :: else
  fi;
  isTakenBack = 0;
  coreFails();
  SHOW
}

/* The card comes out of the machine, and an old copy of it goes in: the sale had just begun. That
   takes minutes, so nothing is under way any more. */
#define canRollBack \
  (STORM && rollbacks > 0 && board == off && isQuiet && !isBusy && \
   (begun == intent || said[0] != none))

inline rollBack() {
  SAY("rollBack");
  rollbacks--;
  begun = saleBegan;
  begunSale = 0;
  owed[0] = none;
  said[0] = none;
  unsure[0] = 1;
  SHOW
}

#define canStraggle (len(calls) > 0 && len(stragglers) == 0)

proctype Power() {
end:
  do
  :: atomic { mayFail && board != off ->
    if
    :: isWritten = 0
    :: len(disk) > 0 -> isWritten = 1
    fi;
    if
    :: isStraggling = 0
    :: canStraggle -> isStraggling = 1
    fi;
    d_step { boardAloneFails() } }
  :: d_step { mayFail && (isBusy || alarming[0]) -> coreAloneFails() }
  :: d_step { canRollBack -> rollBack() }
  :: d_step { board == off -> SAY("start"); startBoard(); SHOW }
  od
}

/* --- The way between, where there is one ----------------------------------------------------- */

proctype Line() {
end:
  do
  :: d_step { TROUBLE && len(calls) > 0 -> calls ? aKind, anOrder, aRun, aWord;
    SAY("line losesCall %e %d", aKind, anOrder);
    SUFFER;
    answers ! aKind, anOrder, unknown;
    SHOW }
  :: d_step { TROUBLE && canStraggle -> calls ? aKind, anOrder, aRun, aWord;
    SAY("line delaysCall %e %d", aKind, anOrder);
    SUFFER;
    stragglers ! aKind, anOrder, aRun, aWord;
    answers ! aKind, anOrder, unknown;
    SHOW }
  :: d_step { TROUBLE && len(answers) > 0 -> answers ? aKind, anOrder, aWord;
    SAY("line losesAnswer %e %d", aKind, anOrder);
    SUFFER;
    answers ! aKind, anOrder, unknown;
    SHOW }
  :: d_step { STORM && dups > 0 && len(answers) > 0 -> answers ? aKind, anOrder, aWord;
    SAY("line repeatsAnswer %e %d", aKind, anOrder);
    dups--;
    answers ! aKind, anOrder, aWord;
    answers ! aKind, anOrder, aWord;
    SHOW }
  :: d_step { STORM && dups > 0 && len(answers) > 1 -> answers ? aKind, anOrder, aWord;
    SAY("line overtakesAnswer %e %d", aKind, anOrder);
    dups--;
    answers ! aKind, anOrder, aWord;
    SHOW }
  od
}

#endif

#ifdef CALM
/* All trouble ends, for ever. While it lasts, everything that happens counts as progress. */
proctype Weather() {
progress:
  calm = 1;
  printf("calm\n")
}
#endif
