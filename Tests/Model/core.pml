/*
 * The payment core: the order book's reducer, and the executor that carries one call out after the
 * other. A change of state is a record on the disk; what it announces leaves after it.
 */

#ifdef APART
#define isCoreUp true
#else
#define isCoreUp (board != off)
#endif

/* A record, synced: everything before it is on the disk too. */
inline record(o, state) {
  book[o] = state;
  nonce[o] = none;
  late[o] = (state == closed -> late[o] : 0);
  unsynced = 0;
  before = none
}

/* The one permit. The library does not wait for the disk before it answers: what leaves the
   machine's room hangs on the board's own intent. */
inline grant(o, who) {
#ifdef SYNCED_PERMIT
  record(o, permitted);
#else
  assert(unsynced == 0);
  unsynced = o + 1;
  before = book[o];
  book[o] = permitted;
#endif
  nonce[o] = who
}

/* What a power cut took back, the board's journal gives back, before anything else happens: from
   here on the order is the board's to settle. */
inline findPermit(o) {
  if
#ifndef WRONG_LOST_PERMIT
  :: (intended[o] || (begun == intent && begunSale == o)) &&
      (book[o] == opening || book[o] == open || book[o] == closing || book[o] == closed ||
      book[o] == paid) ->
    MARK(permitFound);
    record(o, permitted);
    nonce[o] = earlierRun
#endif
  :: else
  fi
}

inline hold(o) {
  record(o, held);
  alarming[o] = 1
}

inline closeOrder(o) {
  record(o, closed);
#ifdef WRONG_NO_LATE_CHECK
  late[o] = 0
#else
  late[o] = 2
#endif
}

/* --- The call under way ---------------------------------------------------------------------- */

inline finish() {
  asker = none;
  subject = 0;
  forRun = none;
  word = none;
  question = none;
  want = none;
  reply = none;
  isMute = 0
}

/* Answers the board, if it waits. */
inline answer(what) {
  if
  :: asker != none && !isMute -> answers ! asker, subject, what
  :: else
  fi;
  finish()
}

inline askProvider(what, why) {
  want = what;
  question = why;
  reply = none
}

/* --- Settlements ----------------------------------------------------------------------------- */

/* The board's word on an order that is paid. */
inline settleNow() {
  if
  :: word == delivered || word == assumed -> record(subject, delivered)
  :: word == failed || word == noDrop || word == unsureRefund -> record(subject, refundOwed)
  :: word == unsureHold -> hold(subject)
  fi;
  answer(accepted)
}

/* The board's word on an order for which the provider has no money, or does not show it yet. */
inline settledUnpaid(canNotBePaid) {
  if
  :: word == failed || word == noDrop ->
    if
    :: book[subject] == closed || book[subject] == notOpened -> answer(accepted)
    :: else ->
      if
      :: canNotBePaid -> closeOrder(subject); answer(accepted)
      :: else -> MARK(failedAndNotYetPaid); answer(unknown)
      fi
    fi
  /* Only after the loss of a book: a board that has dispensed has its permit in the book. */
  :: else -> hold(subject); answer(accepted)
  fi
}

/* --- What the board asks --------------------------------------------------------------------- */

inline openAsked() {
  if
  :: book[subject] == none -> record(subject, opening); askProvider(create, none)
  :: book[subject] == opening -> MARK(openedAgain); askProvider(create, none)
  :: book[subject] == open -> MARK(openAnsweredAgain); answer(opened)
#ifdef WRONG_REUSED_NUMBER
  :: book[subject] == closed -> record(subject, opening); askProvider(create, none)
#endif
  :: else -> answer(refused)
  fi
}

inline statusAsked() {
  if
  :: book[subject] == opening || book[subject] == open || book[subject] == closing ->
    askProvider(query, status)
  :: book[subject] == paid -> grant(subject, forRun); answer(paidPermitted)
  :: book[subject] == notOpened || book[subject] == closed -> answer(closed)
  :: book[subject] == permitted || book[subject] == delivered -> answer(alreadyPaid)
  :: book[subject] == refundOwed || book[subject] == refunding || book[subject] == refunded ||
    book[subject] == held -> answer(tooLate)
  fi
}

inline permitAsked() {
  if
  :: book[subject] == paid -> grant(subject, forRun); answer(granted)
#ifdef WRONG_PERMIT_FOR_ANY_RUN
  :: book[subject] == permitted -> nonce[subject] = forRun; answer(granted)
#else
  :: book[subject] == permitted && nonce[subject] == forRun -> answer(granted)
  :: book[subject] == permitted && nonce[subject] != forRun -> answer(tooLatePermitted)
#endif
  :: else -> answer(tooLate)
  fi
}

inline cancelAsked() {
  if
  :: book[subject] == none -> askProvider(query, stranger)
  :: book[subject] == opening || book[subject] == open || book[subject] == closing ->
    askProvider(query, beforeClose)
  :: book[subject] == paid -> answer(alreadyPaid)
  :: book[subject] == notOpened || book[subject] == closed -> answer(closed)
#ifdef WRONG_PERMIT_FOR_ANY_RUN
  :: book[subject] == permitted -> answer(alreadyPaid)
#else
  :: book[subject] == permitted -> answer(tooLatePermitted)
#endif
  :: book[subject] == delivered || book[subject] == refundOwed || book[subject] == refunding ||
    book[subject] == refunded || book[subject] == held -> answer(tooLate)
  fi
}

inline settleAsked() {
  if
  :: book[subject] == paid || book[subject] == permitted -> settleNow()
  :: book[subject] == opening || book[subject] == open || book[subject] == closing ||
    book[subject] == closed || book[subject] == notOpened ->
    MARK(settledBeforePaidIsKnown);
    askProvider(query, settle)
  :: else -> answer(accepted)
  fi
}

/* --- What the provider's answers mean -------------------------------------------------------- */

inline paymentSeen() {
  if
#ifndef WRONG_ANY_AMOUNT
  :: reply == paidWrong -> hold(subject); answer((asker == settle -> accepted : tooLate))
#endif
  :: else ->
    if
    :: book[subject] == opening || book[subject] == open || book[subject] == closing ->
      mayBelieve(subject);
      if
      :: question == status -> grant(subject, forRun); answer(paidPermitted)
      :: question == settle -> MARK(settledWithoutAPermit); settleNow()
      :: else -> record(subject, paid); answer(alreadyPaid)
      fi
    :: book[subject] == closed || book[subject] == notOpened ->
      mayBelieve(subject);
      if
      :: question == settle -> settleNow()
      :: else -> MARK(paidAfterClose); record(subject, refundOwed); answer(tooLate)
      fi
    :: else -> finish()
    fi
  fi
}

inline closedSeen() {
  if
  :: question == settle -> settledUnpaid(true)
  :: question != settle && book[subject] == closed ->
    late[subject]--;
    finish()
  :: else -> closeOrder(subject); answer(closed)
  fi
}

inline unpaidSeen() {
  if
  :: question == status -> answer(pending)
  :: question == beforeClose ->
    if
    :: book[subject] != closing -> record(subject, closing)
    :: else
    fi;
    askProvider(close, none)
  :: question == afterClose -> closeOrder(subject); answer(closed)
  :: question == paidSaid -> MARK(paidButNotYetToBeSeen); answer(unknown)
  :: question == lateCheck -> late[subject]--; finish()
  :: question == settle -> settledUnpaid(false)
  fi
}

/* Unknown is never unpaid. */
inline nothingLearnt() {
#ifdef WRONG_UNKNOWN_IS_UNPAID
  unpaidSeen()
#else
  if
  :: question == beforeClose && book[subject] != closing -> record(subject, closing)
  :: else
  fi;
  answer(unknown)
#endif
}

inline queryAnswered() {
  if
  :: question == stranger -> answer((reply == notFound || reply == closed -> closed : unknown))
  :: else ->
    if
    :: reply == paidRight || reply == paidWrong -> paymentSeen()
    :: reply == refundSeen -> hold(subject); answer(tooLate)
    :: reply == closed -> closedSeen()
    :: reply == pending || reply == notFound -> unpaidSeen()
    :: reply == unknown -> nothingLearnt()
#ifdef WRONG_BELIEVE_UNSIGNED
    :: reply == forged -> paymentSeen()
#else
    :: reply == forged -> MARK(forgeryRefused); nothingLearnt()
#endif
    fi
  fi
}

inline createAnswered() {
  if
  :: reply == created -> record(subject, open); answer(opened)
  :: reply == refused -> record(subject, notOpened); answer(refused)
  :: reply == unknown || reply == forged -> answer(unknown)
  fi
}

inline closeAnswered() {
  if
#ifdef WRONG_NO_SECOND_QUERY
  :: reply == closed || reply == notFound -> record(subject, closed); answer(closed)
#else
  :: reply == closed || reply == notFound -> askProvider(query, afterClose)
#endif
  :: reply == alreadyPaid -> MARK(closeLostToPayment); askProvider(query, paidSaid)
  :: reply == unknown || reply == forged -> answer(unknown)
  fi
}

inline refundAnswered() {
  if
  :: reply == accepted -> record(subject, refunding)
  :: reply == refused -> MARK(balanceTooSmall)
  :: reply == unknown || reply == forged -> skip
  fi;
  finish()
}

inline refundQueryAnswered() {
  if
  :: reply == processing || reply == unknown || reply == forged -> skip
  :: reply == arrived -> record(subject, refunded)
  :: reply == stuck -> MARK(refundStuck); hold(subject)
  :: reply == notFound -> MARK(refundForgotten); record(subject, refundOwed)
  fi;
  finish()
}

/* --- Duties ---------------------------------------------------------------------------------- */

/* The last look for late money comes when no cashier can be open any more: five and a half minutes
   after the close, and the same again after a restart. */
inline lookForLateMoney(o) {
#ifndef WRONG_HASTY_LATE_CHECK
  over[o] = (late[o] == 1 -> 1 : over[o]);
#endif
  askProvider(query, lateCheck)
}

#ifdef WRONG_REFUND_UNSETTLED
#define isGivenUp(o) (book[o] == paid || book[o] == permitted)
#else
#define isGivenUp(o) (book[o] == paid)
#endif

inline duty(o) {
  SAY("duty %d", o);
  subject = o;
  if
  :: book[o] == opening || book[o] == open || book[o] == closing -> askProvider(query, beforeClose)
  :: book[o] == closed -> lookForLateMoney(o)
  :: isGivenUp(o) ->
    MARK(paidButNeverFetched);
#ifdef WRONG_REFUND_UNRECORDED
    askProvider(refund, none)
#else
    record(o, refundOwed);
    finish()
#endif
  :: book[o] == refundOwed -> askProvider(refund, none)
  :: book[o] == refunding -> askProvider(queryRefund, none)
  fi;
  SHOW
}

#define isDue(o) \
  (((book[o] == opening || book[o] == open) && mayTire(o)) || book[o] == closing \
   || (book[o] == closed && late[o] > 0) || isGivenUp(o) || book[o] == refundOwed \
   || (book[o] == refunding && mayAskAgain(o)))

inline take() {
  subject = anOrder;
  if
  :: asker == open -> openAsked()
  :: asker == status -> statusAsked()
  :: asker == permit -> permitAsked()
  :: asker == cancel -> cancelAsked()
  :: asker == settle -> settleAsked()
  fi;
  SHOW
}

inline hearProvider() {
  SAY("reply %e %d %e", want, subject, reply);
  if
  :: want == create -> createAnswered()
  :: want == query -> queryAnswered()
  :: want == close -> closeAnswered()
  :: want == refund -> refundAnswered()
  :: want == queryRefund -> refundQueryAnswered()
  fi;
  SHOW
}

inline alarm(o) {
  SAY("alarm %d", o);
  alarming[o] = 0;
  told[o] = 1;
  SHOW
}

proctype Core() {
end:
  do
  :: d_step { isCoreUp && !isBusy && len(calls) > 0 ->
    calls ? asker, anOrder, forRun, word;
    SAY("take %e %d %e %e", asker, anOrder, forRun, word);
    take() }
#ifdef APART
  :: d_step { !isBusy && len(stragglers) > 0 ->
    stragglers ? asker, anOrder, forRun, word;
    SAY("takeLate %e %d %e %e", asker, anOrder, forRun, word);
    isMute = 1;
    take() }
  :: d_step { STORM && !isBusy && dups > 0 && pay[0] != none && book[0] != none ->
    SAY("notice 0");
    dups--;
    question = lateCheck;
    reply = (pay[0] == right -> paidRight : paidWrong);
    paymentSeen();
    SHOW }
#endif
  :: d_step { isBusy && reply != none -> hearProvider() }
  :: d_step { isCoreUp && !isBusy && isDue(0) -> duty(0) }
  :: d_step { isCoreUp && alarming[0] -> alarm(0) }
#if SALES == 2
  :: d_step { isCoreUp && !isBusy && isDue(1) -> duty(1) }
  :: d_step { isCoreUp && alarming[1] -> alarm(1) }
#endif
  od
}
