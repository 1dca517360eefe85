// Starts the service worker, and says of a saved copy since when it stands there, or that there is no connection.
{
  const { worker } = document.currentScript.dataset, { saved } = document.documentElement.dataset;
  const box = document.getElementById('saved');
  const write = options => {
    const text = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Yangon', ...options }).format(+saved);
    return document.documentElement.lang === 'my' ? text.replace(/\d/g, digit => '၀၁၂၃၄၅၆၇၈၉'[digit]) : text;
  };
  if (saved) {
    const time = { hour: '2-digit', minute: '2-digit' }, day = { day: 'numeric', month: 'numeric' };
    const isRecent = Date.now() - saved < 43_200_000;
    box.firstElementChild.textContent = box.dataset.copy.replace('{0}', write(isRecent ? time : { ...day, ...time }));
  }
  addEventListener('htmx:sendError', () => {
    box.firstElementChild.textContent = box.dataset.away;
    box.hidden = false;
  });
  if (worker && 'serviceWorker' in navigator)
    addEventListener('load', () => navigator.serviceWorker.register(worker).catch(() => {}));
}
