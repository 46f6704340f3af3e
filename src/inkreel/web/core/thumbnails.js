// WebVTT that says which part of which picture shows what is seen when (`SPRITE#xywh=x,y,w,h`).

const CUE = /^([\d:.]+) --> ([\d:.]+).*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm;

/** Places in time order; links count from `base`. */
export function places(text, base) {
  return [...text.matchAll(CUE)].map(([, start, end, link, ...numbers]) => {
    const [x, y, width, height] = numbers.map(Number);
    return { start: seconds(start), end: seconds(end), url: new URL(link, base).href, x, y, width, height };
  });
}

function seconds(stamp) {
  return stamp.split(":").reduce((sum, part) => 60 * sum + Number(part), 0);
}

/** Fetch those of a video. */
export async function load({ url }, signal) {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`thumbnails: ${answer.status}`);
  return places(await answer.text(), answer.url);
}
