"""What is cut out of addresses and errors, by the server and by the browser alike."""

BOT_TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz012345"
EXAMPLES = [
    ("https://a.example/?token=abc&x=1", "https://a.example/?token=•••&x=1"),
    ("https://a.example/#access_token=abc", "https://a.example/#access_token=•••"),
    ("https://a.example/?API_KEY=abc;y=2", "https://a.example/?API_KEY=•••;y=2"),
    ("https://a.example/?x=1?key=abc", "https://a.example/?x=1?key=•••"),
    ("https://a.example/?key=a?token=b&x=1", "https://a.example/?key=•••&x=1"),
    ("https://a.example/?session=", "https://a.example/?session=•••"),
    ("https://jane:pw@a.example/x", "https://•••@a.example/x"),
    (f"https://api.example/bot{BOT_TOKEN}/send", "https://api.example/bot•••/send"),
    ("https://a.example/?q=hello", "https://a.example/?q=hello"),
    ("https://a.example/help/reset-token", "https://a.example/help/reset-token"),
    ("https://a.example/?q=jane@b.example", "https://a.example/?q=jane@b.example"),
]
