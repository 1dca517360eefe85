// Lists the pages that the service worker has kept on this device, the newest first.
(async () => {
  const list = document.getElementById('saved-pages');
  const name = 'caches' in self && (await caches.keys()).find(one => one.startsWith('potato-pages-'));
  const pages = name && await caches.open(name);
  const kept = pages ? (await pages.keys()).reverse() : [];
  const write = new Intl.DateTimeFormat(document.documentElement.lang === 'my' ? 'my-u-nu-mymr' : 'en-GB', {
    timeZone: 'Asia/Yangon', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  });
  for (const request of kept) {
    const response = await pages.match(request, { ignoreVary: true });
    if (!response) continue;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const link = Object.assign(document.createElement('a'), {
      href: request.url, className: 'plain', lang: page.documentElement.lang,
      textContent: page.title.replace(/ – Potato$/, ''),
    });
    const age = document.createElement('small'), row = document.createElement('li');
    age.textContent = write.format(+response.headers.get('X-Potato-Saved'));
    row.append(link, ' ', age);
    list.append(row);
  }
  list.hidden = !list.children.length;
  document.getElementById('nothing-saved').hidden = !!list.children.length;
})();
