"""A view whose transaction gave way to another one is called once more; any other fault is raised as it is."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from psycopg.errors import DeadlockDetected, LockNotAvailable

from webmap.project.deadlocks import DeadlockMiddleware


class View:
    def __init__(self, *faults) -> None:
        self.faults, self.read = list(faults), []

    def __call__(self, request, name):
        self.read.append((name, request.POST["text"], request.FILES["photo"].read()))
        if self.faults:
            raise OperationalError("met another one") from self.faults.pop(0)
        return HttpResponse("done")


def posted(view):
    photo = SimpleUploadedFile("photo.jpg", b"light")
    request = RequestFactory().post("/", {"text": "seen", "photo": photo})
    return DeadlockMiddleware(lambda _: HttpResponse()).process_view(request, view, (), {"name": "a"})


def test_after_a_deadlock_the_whole_request_is_done_again_and_once():
    view = View(DeadlockDetected())
    assert posted(view).content == b"done"
    assert view.read == [("a", "seen", b"light")] * 2
    with pytest.raises(OperationalError):
        posted(View(DeadlockDetected(), DeadlockDetected()))


def test_another_fault_is_not_tried_again():
    view = View(LockNotAvailable())
    with pytest.raises(OperationalError):
        posted(view)
    assert len(view.read) == 1


def test_a_view_that_is_a_coroutine_is_left_to_django():
    async def view(request):
        return HttpResponse()

    assert DeadlockMiddleware(lambda _: HttpResponse()).process_view(RequestFactory().get("/"), view, (), {}) is None
