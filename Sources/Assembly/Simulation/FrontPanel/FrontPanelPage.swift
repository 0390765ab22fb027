/// The front panel's page: one document, with its style and script inside, that loads nothing.
enum FrontPanelPage {
  /// The document.
  static let text = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>vend · front panel</title>
    <link rel="icon" href="data:,">
    <style>
    \(roomStyle)
    \(machineStyle)
    \(phoneStyle)
    </style>
    </head>
    <body>
    \(markup)
    <script>
    "use strict";
    \(drawings)
    \(script)
    </script>
    </body>
    </html>
    """
}
