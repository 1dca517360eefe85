// Potato's service worker. Files come from the device where their name holds their hash. Pages come from the network,
// and from the device when the network does not answer: a page is kept only if the server says that it is for
// everybody. A form that does not arrive comes back as a page that sends it again; only that page has what was typed.
// Nothing else is touched: no part of a page, nothing of anybody who is signed in.
const POTATO = {{ about }};
const FILES = 'potato-files-1', PAGES = 'potato-pages-1';
const MOST_FILES = 60, MOST_PAGES = 40, PATIENCE_MS = 5000, SAVED = 'X-Potato-Saved';

addEventListener('install', event => event.waitUntil(prepare()));
addEventListener('activate', event => event.waitUntil(takeOver()));
addEventListener('fetch', event => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === 'POST' && POTATO.signOut.includes(url.pathname)) event.waitUntil(caches.delete(PAGES));
  if (request.method === 'POST' && request.mode === 'navigate') event.respondWith(sent(request));
  if (request.method !== 'GET') return;
  if (url.pathname.startsWith(POTATO.files)) event.respondWith(file(request));
  else if (request.mode === 'navigate') event.respondWith(page(event));
});

async function prepare() {
  const files = await caches.open(FILES);
  // As a stranger: what is kept here belongs to nobody.
  const pages = Object.values(POTATO.offline)
    .map(path => new Request(path, { cache: 'reload', credentials: 'omit' }));
  await files.addAll([...POTATO.first, ...pages]);
  await skipWaiting();
}

async function takeOver() {
  const ours = [FILES, PAGES];
  const others = (await caches.keys()).filter(name => name.startsWith('potato-') && !ours.includes(name));
  await Promise.all(others.map(name => caches.delete(name)));
  await registration.navigationPreload?.enable();
  await clients.claim();
  // The page that brought us here came before us. The browser has it: the server answers "not modified".
  const open = await clients.matchAll({ type: 'window' });
  await Promise.allSettled(open.map(async ({ url }) => {
    const response = await fetch(url);
    if (mayKeep(response)) await keep(url, response);
  }));
}

async function file(request) {
  const files = await caches.open(FILES), kept = await files.match(request, { ignoreVary: true });
  const isForEver = /\.[0-9a-f]{12}\.\w+$/.test(request.url);
  if (kept && isForEver) return kept;
  try {
    const response = await fetch(request);
    if (response.status === 200) {
      await files.put(request, response.clone());
      await forgetOldest(files, MOST_FILES);
    }
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

async function page(event) {
  const { request } = event;
  const fresh = fromNetwork(event);
  // It may come too late for this time; then it is kept for the next.
  event.waitUntil(fresh.catch(() => {}));
  const kept = await (await caches.open(PAGES)).match(request, { ignoreVary: true });
  try {
    const response = await (kept ? Promise.race([fresh, patience()]) : fresh);
    return kept && response.status > 500 ? await savedCopy(kept) : response;
  } catch {
    return kept ? savedCopy(kept) : withoutConnection(request);
  }
}

async function fromNetwork(event) {
  const response = await event.preloadResponse || await fetch(event.request);
  if (mayKeep(response)) event.waitUntil(keep(event.request.url, response.clone()));
  return response;
}

const patience = () => new Promise((_, giveUp) => setTimeout(giveUp, PATIENCE_MS));

const mayKeep = response => response.status === 200 && !response.redirected && response.headers.has(POTATO.keep);

async function keep(url, response) {
  const headers = new Headers(response.headers), pages = await caches.open(PAGES);
  headers.set(SAVED, Date.now());
  url = url.split('#')[0];
  // Takes the place of an earlier copy once it is whole, and stands last then.
  await pages.put(url, new Response(await response.blob(), { headers }));
  await forgetOldest(pages, MOST_PAGES);
}

async function forgetOldest(cache, most) {
  const all = await cache.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - most)).map(request => cache.delete(request, { ignoreVary: true })));
}

// The page says of itself since when it stands there: static/potato/reach.js turns it into words.
async function savedCopy(kept) {
  const html = await kept.text();
  const marked = html.replace('<html', `<html data-saved="${kept.headers.get(SAVED)}"`);
  return new Response(marked, { headers: kept.headers });
}

async function sent(request) {
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch {
    const typed = await typedIn(copy), page = await withoutConnection(request);
    return typed && page.ok ? await notSent(page, request.url, typed) : Response.error();
  }
}

// What can be sent again: neither files, nor a password, which nobody shall find here.
async function typedIn(request) {
  if (!request.headers.get('Content-Type')?.startsWith('application/x-www-form-urlencoded')) return null;
  const typed = [...new URLSearchParams(await request.text())];
  return typed.some(([name]) => name.includes('password')) ? null : typed;
}

async function notSent(page, url, typed) {
  const safe = text => text.replace(/[&"<]/g, sign => `&#${sign.charCodeAt()};`), html = await page.text();
  const fields = typed.map(([name, value]) => `<input type="hidden" name="${safe(name)}" value="${safe(value)}" />`);
  const filled = `action="${safe(url)}">${fields.join('')}`;
  const shown = html.replace('id="not-here"', '$& hidden').replace('action="" hidden>', () => filled);
  return new Response(shown, { headers: page.headers });
}

async function withoutConnection(request) {
  const path = new URL(request.url).pathname;
  const all = Object.keys(POTATO.offline), language = all.find(code => path.startsWith(`/${code}/`)) ?? all[0];
  return await caches.match(POTATO.offline[language], { ignoreVary: true }) ?? Response.error();
}
