'use strict';
const button = document.getElementById('open');
button.hidden = false;
button.addEventListener('click', (press) => {
  if (!press.isTrusted) return;
  location.href = 'countersign://e/' + location.host + location.pathname.slice(2) + location.hash;
});
