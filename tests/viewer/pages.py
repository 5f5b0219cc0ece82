"""What an open page shows."""


def hips(browser, dancer=0):
    """Where the hips of a dancer are drawn, before it is put on its place."""
    return browser.run(
        f"(() => {{ const d = transflower.scene.dancers[{dancer}]; const h = d.hips.matrixWorld.elements;"
        " const p = d.place.position; return [h[12] - p.x, h[13] - p.y, h[14] - p.z]; })()"
    )


def state(browser):
    return browser.run(
        "({playing: transflower.player.playing, time: transflower.player.time(), drawn: transflower.drawn,"
        " pictures: transflower.pictures, speed: transflower.player.clock.speed, loop: transflower.player.clock.loop,"
        " view: transflower.cameras.view, theme: transflower.theme, muted: transflower.isMuted,"
        " sideBySide: transflower.scene.sideBySide})"
    )


def settle(browser):
    """Two pictures later."""
    browser.run("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))")
