"use strict";
// Near me: asks the browser for the position when the button is tapped, and sends it, rounded, with the form.
(function () {
  const form = document.querySelector("[data-near]");
  if (!form || !navigator.geolocation) return;
  const button = document.querySelector("[data-ask]");
  const told = document.querySelector("[data-near-told]");

  function found({ coords }) {
    form.elements.latitude.value = coords.latitude.toFixed(3);
    form.elements.longitude.value = coords.longitude.toFixed(3);
    form.elements.township.value = "";
    form.requestSubmit();
  }

  function failed(error) {
    const why = { [error.PERMISSION_DENIED]: "refused", [error.TIMEOUT]: "late" }[error.code];
    told.textContent = form.dataset[why || "unavailable"];
    button.disabled = false;
    form.elements.township.focus();
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    told.textContent = form.dataset.asking;
    navigator.geolocation.getCurrentPosition(found, failed, { timeout: 15000, maximumAge: 300000 });
  });
  // Who comes back to the page may tap again.
  addEventListener("pageshow", () => { button.disabled = false; });
})();
