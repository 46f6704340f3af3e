// What a reader, a thumb or a screen reader would stumble over in the view that is shown.
() => {
    const faults = [];
    const seen = (it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const say = (it, what) => faults.push(`${what}: ${it.outerHTML.slice(0, 160)}`);
    if (document.documentElement.scrollWidth > innerWidth) say(document.body, "wider than the window");

    const name = (it) => it.getAttribute("aria-label") || it.title || it.labels?.[0]?.textContent
        || document.getElementById(it.getAttribute("aria-labelledby"))?.textContent
        || it.querySelector("img")?.alt || it.textContent.trim();
    for (const it of document.querySelectorAll("a, button, input, select, textarea, summary, video, dialog, [role=progressbar], [role=img], nav"))
        if (seen(it) && !name(it)) say(it, "has no name");
    for (const it of document.querySelectorAll("img:not([alt])")) say(it, "has no alt");
    for (const it of document.querySelectorAll("a, button, select, summary, input:not(.out-of-sight)")) {
        const { width, height } = it.getBoundingClientRect();
        const inline = it.matches("a") && getComputedStyle(it).display === "inline";
        if (seen(it) && it.getClientRects().length && !inline && !it.closest(".skip") && Math.min(width, height) < 24) say(it, "too small to hit");
    }
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`id twice: ${id}`);
    if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
    if (document.querySelectorAll("main").length !== 1) faults.push("not one main");

    const part = (value) => { value /= 255; return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; };
    const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    const colour = (text) => { const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number); return [r, g, b, a]; };
    const over = (top, below) => top.slice(0, 3).map((value, at) => value * top[3] + below[at] * (1 - top[3]));
    const ground = (it) => {
        if (!it) return [255, 255, 255];
        const own = colour(getComputedStyle(it).backgroundColor);
        return own[3] === 1 ? own.slice(0, 3) : over(own, ground(it.parentElement));
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
        const it = node.parentElement;
        if (!node.data.trim() || !seen(it) || it.closest("svg, noscript, script, [disabled], .out-of-sight")) continue;
        const below = ground(it);
        const ink = over(colour(getComputedStyle(it).color), below);
        const [a, b] = [light(ink), light(below)].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) say(it, `contrast ${ratio.toFixed(2)}`);
        const style = getComputedStyle(it);
        const leading = parseFloat(style.lineHeight) / parseFloat(style.fontSize);
        if (leading < 1.39) say(it, `lines ${leading.toFixed(2)} high cut the marks of Vietnamese`);
    }
    return faults;
}
