"""The folders of LSTMVis (https://github.com/HendrikStrobelt/LSTMVis): states, tokens, a dictionary, lstm.yml."""
