internal import NIOCore
internal import NIOPosix

/// Waits for a timer of an event loop; a cancelled task waits no longer.
func pause(_ duration: Duration) async {
  let timer = MultiThreadedEventLoopGroup.singleton.next()
    .scheduleTask(in: TimeAmount(duration)) {}
  await withTaskCancellationHandler {
    try? await timer.futureResult.get()
  } onCancel: {
    timer.cancel()
  }
}
