// Lists the pages that the service worker has kept on this device, the newest first.
(async () => {
  const list = document.getElementById('saved-pages');
  const name = 'caches' in self && (await caches.keys()).find(one => one.startsWith('potato-pages-'));
  const pages = name && await caches.open(name);
  const kept = pages ? (await pages.keys()).reverse() : [];
  const time = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Yangon', dateStyle: 'short', timeStyle: 'short' });
  const write = moment => document.documentElement.lang === 'my'
    ? time.format(moment).replace(/\d/g, digit => '၀၁၂၃၄၅၆၇၈၉'[digit])
    : time.format(moment);
  for (const request of kept) {
    const response = await pages.match(request, { ignoreVary: true });
    if (!response) continue;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const link = Object.assign(document.createElement('a'), {
      href: request.url, className: 'plain', lang: page.documentElement.lang,
      textContent: page.title.replace(/ – Potato$/, ''),
    });
    const age = document.createElement('small'), row = document.createElement('li');
    age.textContent = write(+response.headers.get('X-Potato-Saved'));
    row.append(link, ' ', age);
    list.append(row);
  }
  list.hidden = !list.children.length;
  document.getElementById('nothing-saved').hidden = !!list.children.length;
})();
