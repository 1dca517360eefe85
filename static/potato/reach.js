// Starts the service worker, and says of a saved copy since when it stands there, or that there is no connection.
{
  const { worker } = document.currentScript.dataset, { saved } = document.documentElement.dataset;
  const box = document.getElementById('saved');
  if (saved) {
    const day = new Intl.DateTimeFormat('en', { timeZone: 'Asia/Yangon', dateStyle: 'short' });
    const isToday = day.format(+saved) === day.format();
    const time = new Intl.DateTimeFormat(document.documentElement.lang === 'my' ? 'my-u-nu-mymr' : 'en-GB', {
      timeZone: 'Asia/Yangon', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
      ...!isToday && { day: 'numeric', month: 'short' },
    }).format(+saved);
    box.firstElementChild.textContent = box.dataset.copy.replace('[time]', time);
  }
  addEventListener('htmx:sendError', () => {
    box.firstElementChild.textContent = box.dataset.away;
    box.hidden = false;
  });
  if (worker && 'serviceWorker' in navigator)
    addEventListener('load', () => navigator.serviceWorker.register(worker).catch(() => {}));
}
