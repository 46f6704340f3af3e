// Trees of elements, and making what is on the page equal to a new tree while keeping focus,
// scroll positions and running media. Text is always text: nothing here parses markup.

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = new Set(["svg", "use", "g", "rect", "path", "circle", "text", "line", "image"]);
const PROPERTIES = new Set(["value", "checked", "disabled", "muted", "indeterminate"]);

const own = new WeakMap(); // element → { key, properties } that were given to `h`

/** Build an element. Functions, objects and form values become properties, the rest attributes;
 * null and false leave an attribute out. `key` tells siblings apart. */
export function h(tag, given, ...children) {
  const node = SHAPES.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  const properties = {};
  let key;
  for (const [name, value] of Object.entries(given ?? {})) {
    if (name === "key") key = value;
    else if (PROPERTIES.has(name) || typeof value === "function" || isObject(value)) {
      properties[name] = value;
    } else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  own.set(node, { key, properties });
  node.append(...flat(children));
  assign(node, properties);
  return node;
}

/** One of the symbols that index.html holds. */
export function icon(name, more = "") {
  return h("svg", { class: `icon ${more}`, "aria-hidden": "true" }, h("use", { href: `#${name}` }));
}

/** Make the children of `host` equal to these. */
export function fill(host, ...children) {
  const fresh = flat(children).map((one) =>
    one instanceof Node ? one : document.createTextNode(String(one)),
  );
  const keyed = new Map();
  const wanted = new Set(fresh.map((next) => own.get(next)?.key));
  for (const old of [...host.childNodes]) {
    const key = own.get(old)?.key;
    if (key === undefined) continue;
    if (wanted.has(key)) keyed.set(key, old);
    else old.remove(); // first of all, so that what stays need not be moved: media would stop
  }
  let at = host.firstChild;
  for (const next of fresh) {
    const key = own.get(next)?.key;
    const old = key === undefined ? at : keyed.get(key);
    if (old && alike(old, next)) {
      if (old === at) at = at.nextSibling;
      else host.insertBefore(old, at);
      patch(old, next);
    } else {
      host.insertBefore(next, at);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function patch(old, next) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  for (const { name, value } of next.attributes) {
    if (name !== "style" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!next.hasAttribute(name) && !keeps(old, name)) old.removeAttribute(name);
  }
  const before = own.get(old)?.properties ?? {};
  const { key, properties } = own.get(next) ?? { properties: {} };
  for (const name of Object.keys(before)) if (!(name in properties)) old[name] = null;
  own.set(old, { key, properties });
  if (!old.localName.includes("-")) fill(old, ...next.childNodes); // elements of ours fill themselves
  assign(old, properties);
}

function assign(node, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name === "style") for (const [rule, set] of Object.entries(value)) node.style.setProperty(rule, set);
    else if (name === "value" && node.value === String(value)) continue;
    else if (node[name] !== value) node[name] = value;
  }
}

function alike(old, next) {
  return (
    old.nodeType === next.nodeType &&
    old.nodeName === next.nodeName &&
    own.get(old)?.key === own.get(next)?.key
  );
}

// What the user or we set on a live element: whether it is open, and styles set by property.
function keeps(node, name) {
  return name === "style" || (name === "open" && /^(details|dialog)$/.test(node.localName));
}

function flat(children) {
  return children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false && one !== "");
}

function isObject(value) {
  return value !== null && typeof value === "object";
}

/** Base of our elements: `view()` gives the children, `update()` shows the present state. */
export class Part extends HTMLElement {
  connectedCallback() {
    this.life = new AbortController();
    addEventListener("inkreel:language", () => this.update(), { signal: this.life.signal });
    this.start?.();
    this.update();
  }

  disconnectedCallback() {
    this.life.abort();
  }

  update() {
    if (this.isConnected) fill(this, this.view());
  }

  /** Tell the parents. */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
}
