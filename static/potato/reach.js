// The service worker, the age of a saved copy, answers that fail or do not come.
{
  const { worker } = document.currentScript.dataset, { dataset: { saved }, lang } = document.documentElement;
  // Looked up each time: an error may replace the page.
  const box = () => document.getElementById('saved');
  let standing = '';
  const write = options => {
    const text = new Date(+saved).toLocaleString('en-GB', { timeZone: 'Asia/Yangon', ...options });
    return lang === 'my' ? text.replace(/\d/g, digit => '၀၁၂၃၄၅၆၇၈၉'[digit]) : text;
  };
  if (saved) {
    const time = { hour: '2-digit', minute: '2-digit' }, day = { day: 'numeric', month: 'numeric' };
    const isRecent = Date.now() - saved < 43_200_000;
    standing = box().dataset.copy.replace('{0}', write(isRecent ? time : { ...day, ...time }));
  }
  const say = text => {
    box().firstElementChild.textContent = text || standing;
    box().hidden = !text;
  };
  say('');
  const on = (types, handle) => types.split(' ').forEach(type => addEventListener('htmx:' + type, event => handle(event.detail)));
  on('sendError timeout', () => say(box().dataset.away));
  on('responseError', () => say(box().dataset.failed));
  on('afterRequest', detail => detail.successful && say(''));
  // Shown whatever its status: an answer that replaces the page.
  on('beforeSwap', detail => {
    if (detail.xhr.getResponseHeader('HX-Retarget')) Object.assign(detail, { shouldSwap: true, isError: false });
  });
  // No price stands beside the result of another.
  on('afterOnLoad sendError timeout', ({ target, xhr }) => target.id === 'echo' && xhr.status !== 200 && target.replaceChildren());
  // Going back without an answer shows the saved copy, or the error.
  const load = () => location.reload();
  on('historyCacheMiss', ({ xhr }) => {
    xhr.timeout = htmx.config.timeout;
    xhr.onerror = xhr.ontimeout = load;
  });
  on('historyCacheMissLoadError', load);
  // The browser's page for "no network" would replace what was typed. It may be wrong: Potato is asked.
  let answers = false;
  addEventListener('submit', event => {
    const { target, submitter } = event;
    if (answers || navigator.onLine || event.defaultPrevented || target.method !== 'post') return;
    event.preventDefault();
    fetch('/healthz', { cache: 'no-store' }).then(() => {
      answers = true;
      target.requestSubmit(submitter);
    }, () => say(box().dataset.away));
  });
  if (worker && 'serviceWorker' in navigator)
    addEventListener('load', () => navigator.serviceWorker.register(worker).catch(() => {}));
}
