"""What a phone's camera makes of a panel: size, tilt, blur, noise and a glare spot on the glass.

A picture is drawn at twice the camera's pixels, so that tilt and blur are smooth, and then halved.
Everything random comes from the generator that is handed in: a seed gives the same photograph.
"""

from PIL import Image, ImageChops, ImageDraw, ImageFilter

OVERSAMPLING = 2


def photograph(panel, scale, random, tilt=0.0, turn=0.0, blur=0.0, noise=0.0, glare=None):
    """A grey photograph of a panel's picture.

    scale: camera pixels for one pixel of the panel. tilt: degrees between the panel and the
    camera's plane, about a random axis. turn: degrees in the plane. blur: sigma in camera pixels.
    noise: sigma in steps of 255. glare: (x, y, radius) in pixels of the panel.
    """
    image = panel.convert("L")
    if glare:
        image = with_glare(image, *glare)
    fine = scale * OVERSAMPLING
    size = (max(1, round(image.width * fine)), max(1, round(image.height * fine)))
    image = image.resize(size, Image.Resampling.BOX if fine < 1 else Image.Resampling.NEAREST)
    # The machine around the panel is dark, and so is what lies behind it.
    margin = round(0.12 * max(size)) + 8
    canvas = Image.new("L", (size[0] + 2 * margin, size[1] + 2 * margin), 40)
    canvas.paste(image, (margin, margin))
    canvas = tilted(canvas, tilt, turn, random)
    if blur:
        canvas = canvas.filter(ImageFilter.GaussianBlur(blur * OVERSAMPLING))
    # No camera's pixels lie just where the panel's do.
    canvas = ImageChops.offset(canvas, random.randrange(OVERSAMPLING), random.randrange(OVERSAMPLING))
    canvas = canvas.reduce(OVERSAMPLING)
    # Black on a panel is not black on a photograph, and white not white.
    canvas = canvas.point([round(25 + value * 0.8) for value in range(256)])
    if noise:
        canvas = ImageChops.add(canvas, grain(canvas.size, noise, random), 1, -128)
    return canvas


def with_glare(image, x, y, radius):
    """A lamp's mirror image: white in the middle, soft at the edge."""
    light = Image.new("L", image.size, 0)
    ImageDraw.Draw(light).ellipse([x - radius, y - radius, x + radius, y + radius], fill=255)
    light = light.filter(ImageFilter.GaussianBlur(max(1, radius * 0.15)))
    return ImageChops.lighter(image, light)


def grain(size, sigma, random):
    """Noise about 128, from a tile, which is enough to fool nobody's eye but every decoder's."""
    tile = Image.new("L", (128, 128))
    tile.putdata([max(0, min(255, round(random.gauss(128, sigma)))) for _ in range(128 * 128)])
    image = Image.new("L", size)
    for x in range(0, size[0], 128):
        for y in range(0, size[1], 128):
            image.paste(tile, (x, y))
    return image


def tilted(image, tilt, turn, random):
    """The image as a plane that is tilted about a random axis through its middle and then turned."""
    if not tilt and not turn:
        return image
    from math import cos, radians, sin

    width, height = image.size
    axis, tilt, turn = random.uniform(0, 360), radians(tilt), radians(turn)
    axis = radians(axis)
    # A phone that sees the panel's long side under some 50 degrees.
    distance = 1.1 * max(width, height)

    def seen(x, y):
        x, y = x - width / 2, y - height / 2
        along, across = x * cos(axis) + y * sin(axis), -x * sin(axis) + y * cos(axis)
        depth = distance + across * sin(tilt)
        along, across = along * distance / depth, across * cos(tilt) * distance / depth
        x, y = along * cos(axis) - across * sin(axis), along * sin(axis) + across * cos(axis)
        return x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)

    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    places = [seen(*corner) for corner in corners]
    left, top = min(x for x, _ in places), min(y for _, y in places)
    right, bottom = max(x for x, _ in places), max(y for _, y in places)
    places = [(x - left, y - top) for x, y in places]
    size = (round(right - left), round(bottom - top))
    return image.transform(
        size, Image.Transform.PERSPECTIVE, perspective(places, corners),
        Image.Resampling.BILINEAR, fillcolor=40)


def perspective(places, sources):
    """The eight numbers that lead from each place back to its source."""
    rows = []
    for (x, y), (u, v) in zip(places, sources):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    count = len(rows)
    for column in range(count):
        pivot = max(range(column, count), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        lead = rows[column][column]
        rows[column] = [value / lead for value in rows[column]]
        for row in range(count):
            if row != column and rows[row][column]:
                factor = rows[row][column]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column])]
    return [row[-1] for row in rows]
