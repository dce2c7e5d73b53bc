"""One ticket's page: the conversation, and each deed's whole way."""


from tests.backoffice.world import BASE, World, words


def test_an_agent_reads_answers_and_resolves(world: World) -> None:
    number = world.ticket()
    agent = world.browser("support")

    page = agent.get("/tickets")
    assert page.status_code == 200
    assert "Gateway not connecting" in page.text

    page = agent.get(f"/tickets/{number}")
    assert page.status_code == 200
    assert "It shows as disconnected." in page.text

    sent = agent.post(f"/tickets/{number}/reply", content="Please try again.", status="")
    assert sent.status_code == 303
    assert sent.headers["location"] == f"{BASE}/tickets/{number}?done=reply"
    page = agent.client.get(sent.headers["location"])
    assert "Your reply was sent." in words(page)
    assert "Please try again." in page.text
    assert world.find(number).status == "in_progress"

    sent = agent.post(f"/tickets/{number}/resolve", resolution="A new token helped.")
    assert sent.status_code == 303
    ticket = world.find(number)
    assert (ticket.status, ticket.resolution) == ("resolved", "A new token helped.")
