// New prices show by themselves. Of all pages of a browser one holds the stream (a lock) and passes on what comes.
(() => {
  const box = document.getElementById('live');
  const { stream, live, alerts } = box?.dataset ?? {};
  const isOff = navigator.connection?.saveData || !self.BroadcastChannel;
  if (!stream || isOff || !(live || alerts)) return;
  const topics = live ? live.split('&') : [];
  let channel, source, control, timer, resting, due, wanted, joined, last = '', failures = 0, isStale = false;

  // From the stream or from the page that holds it: a price, or something for members (alerts.js).
  const receive = ([type, data]) => {
    if (type !== 'price') dispatchEvent(new CustomEvent('potato:' + type, { detail: data }));
    else if (data.spread) renew(data.spread);
    else if (topics.some(topic => topic === 'home=1' || topic === 'item=' + data.item || topic === 'shop=' + data.shop)) renew();
  };
  const tell = message => {
    channel.postMessage(message);
    receive(message);
  };

  // Holding the stream.
  const open = () => {
    source?.close();
    source = new EventSource([stream, ...wanted, 'after=' + last].join('&'), { withCredentials: true });
    const own = source;
    let spread = Date.now() > joined + 3000 ? 1000 : 0;
    own.onopen = () => {
      failures = 0;
      // What was missed meanwhile.
      if (spread) tell(['price', { spread }]);
    };
    own.onerror = () => {
      // Thousands may be back at the same moment.
      spread = 9000;
      // The browser gave up. A process that starts again is back in a moment; a wrong address is not.
      if (own.readyState === 2) timer = setTimeout(open, Math.random() * (++failures < 6 ? 4000 : 600_000));
    };
    for (const type of ['price', 'unread', 'alert', 'signed-out', 'elsewhere']) {
      own.addEventListener(type, event => {
        last = event.lastEventId || last;
        tell([type, JSON.parse(event.data)]);
        if (type === 'elsewhere' || (type === 'signed-out' && !wanted.size)) leave();
      });
    }
  };
  const gather = () => {
    wanted = new Set(topics);
    channel.postMessage('who');
    clearTimeout(timer);
    timer = setTimeout(open, 200);
  };
  const join = () => {
    if (control) return;
    control = new AbortController();
    joined = Date.now();
    const { signal } = control;
    channel = new BroadcastChannel('potato');
    channel.onmessage = ({ data }) => {
      if (data === 'who') channel.postMessage({ topics });
      else if (!data.topics) receive(data);
      else if (wanted && data.topics.some(topic => !wanted.has(topic))) {
        if (data.isNew) return gather();
        // The server takes twenty.
        for (const topic of data.topics) if (wanted.size < 20) wanted.add(topic);
      }
    };
    const lead = () => new Promise(done => {
      signal.onabort = done;
      gather();
    });
    channel.postMessage({ topics, isNew: true });
    if (navigator.locks) navigator.locks.request('potato', { signal }, lead).catch(() => {});
    else lead();
  };
  const leave = () => {
    if (!control) return;
    control.abort();
    clearTimeout(timer);
    source?.close();
    channel.close();
    source = control = wanted = null;
  };
  const comeBack = () => {
    clearTimeout(resting);
    if (document.hidden) {
      // Five minutes unseen: this page needs nothing.
      resting = setTimeout(leave, 300_000);
      return;
    }
    if (isStale || !control) renew();
    join();
  };
  document.addEventListener('visibilitychange', comeBack);
  addEventListener('pagehide', leave);
  addEventListener('pageshow', event => event.persisted && comeBack());

  // Renewing what the page shows: the parts with data-part, from the page's own address.
  const renew = (spread = 1000) => {
    isStale = document.hidden;
    if (!isStale && topics.length) due ??= setTimeout(fetchPage, Math.random() * spread);
  };
  const fetchPage = async () => {
    const { href } = location;
    const answer = await fetch(href).catch(() => ({}));
    const isGood = answer.status === 200 && !answer.redirected && !answer.headers.has('X-Potato-Degraded');
    const page = isGood && new DOMParser().parseFromString(await answer.text(), 'text/html');
    due = null;
    if (href !== location.href) renew();
    else if (page) swap(page);
  };
  const sign = row => [...row.querySelectorAll('a')].map(link => link.href) + row.querySelector('.p')?.textContent;
  const again = (root, one) => one.isConnected ? one : [...root.querySelectorAll(one.localName)].find(other => other.isEqualNode(one));
  const swap = page => {
    const news = [];
    const shown = [...document.querySelectorAll('main :is(h1,h2,a,summary)')].find(one => one.getBoundingClientRect().top > 0);
    const top = scrollY && shown?.getBoundingClientRect().top;
    for (const part of page.querySelectorAll('[data-part]')) {
      const old = document.getElementById(part.id);
      if (!old || old.isEqualNode(part)) continue;
      const known = new Set([...old.querySelectorAll('tr')].map(sign)), focused = document.activeElement;
      const details = part.querySelectorAll('details');
      old.querySelectorAll('details').forEach((one, at) => { if (details[at]) details[at].open = one.open; });
      const fresh = [...part.querySelectorAll('tr')].filter(row => !known.has(sign(row)));
      old.replaceWith(part);
      if (!focused.isConnected) again(part, focused)?.focus({ preventScroll: true });
      fresh.forEach(row => row.classList.add('fresh'));
      // Said once: the same price changes what stands further down.
      if (!news.length) news.push(...fresh.map(row => [...row.querySelectorAll('th a, .p')].map(one => one.textContent).join(' ')));
    }
    const place = top && again(document, shown);
    if (place) scrollBy({ top: place.getBoundingClientRect().top - top, behavior: 'instant' });
    if (news.length) box.textContent = box.dataset.news.replace('{0}', news.slice(0, 3).join(', '));
  };

  addEventListener('load', () => {
    if (!alerts) return join();
    const script = document.createElement('script');
    script.src = alerts;
    script.onload = join;
    document.head.append(script);
  });
})();
